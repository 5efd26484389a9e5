package main

import (
	"bufio"
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"strings"
	"sync"

	"github.com/go-socketio/socketio/client"
)

// terminal shows what happens in a room.
type terminal struct {
	joined chan error // the result of joining for the first time

	mu     sync.Mutex
	out    io.Writer
	who    JoinRequest
	online []string
	inside bool // has joined a room at some time
}

// register makes the terminal handle what the server says.
func (t *terminal) register(s *client.Socket) {
	s.OnConnect(t.connected)
	s.OnDisconnect(func(_ context.Context, _ *client.Socket, d client.Disconnect) {
		if !d.Final {
			t.show("* the connection is lost (%s), trying again", d.Reason)
		}
	})
	client.On(s, Said, func(_ context.Context, _ *client.Socket, m Message) error {
		t.show("%s", line(m))
		return nil
	})
	client.On(s, Online, func(_ context.Context, _ *client.Socket, names []string) error {
		t.setOnline(names)
		t.show("* here now: %s", strings.Join(names, ", "))
		return nil
	})
}

// connected enters the room, again after each lost connection.
func (t *terminal) connected(ctx context.Context, s *client.Socket) {
	t.mu.Lock()
	who, before := t.who, t.inside
	t.mu.Unlock()
	err := t.join(ctx, s, who)
	switch {
	case !before:
		t.joined <- err
	case err != nil && !errors.Is(err, client.ErrDisconnected):
		t.show("* the room %s is closed to you: %v", who.Room, err)
	}
}

// join enters a room, and shows what was said there.
func (t *terminal) join(ctx context.Context, s *client.Socket, who JoinRequest) error {
	// Once: after a lost connection it is done anew.
	room, err := Join.Ask(ctx, s.Retry(0).Offline(client.OfflineFail), who)
	if err != nil {
		return err
	}
	t.mu.Lock()
	back := t.inside && t.who == who
	t.who, t.inside = who, true
	t.mu.Unlock()
	t.setOnline(room.Online)
	if back {
		t.show("* back in %s", who.Room)
		return nil
	}
	for _, m := range room.History {
		t.show("%s", line(m))
	}
	t.show("* you are in %s with %s; there are %s", who.Room, strings.Join(room.Online, ", "), strings.Join(room.Rooms, ", "))
	return nil
}

// converse does what is typed.
func (t *terminal) converse(ctx context.Context, s *client.Socket, in io.Reader) error {
	lines := make(chan string)
	failed := make(chan error, 1)
	go func() { // ends with the input, at the latest with the program
		defer close(lines)
		scanner := bufio.NewScanner(in)
		for scanner.Scan() {
			lines <- scanner.Text()
		}
		failed <- scanner.Err()
	}()
	for {
		select {
		case <-ctx.Done():
			return nil
		case text, ok := <-lines:
			if !ok {
				return <-failed
			}
			if text == "/quit" {
				return nil
			}
			if err := t.obey(ctx, s, strings.TrimSpace(text)); err != nil {
				t.show("* %v", err)
			}
		}
	}
}

// obey does what one line says.
func (t *terminal) obey(ctx context.Context, s *client.Socket, text string) error {
	if room, ok := strings.CutPrefix(text, "/join "); ok {
		t.mu.Lock()
		name := t.who.Name
		t.mu.Unlock()
		return t.join(ctx, s, JoinRequest{name, strings.TrimSpace(room)})
	}
	switch {
	case text == "":
		return nil
	case text == "/who":
		t.mu.Lock()
		online := strings.Join(t.online, ", ")
		t.mu.Unlock()
		t.show("* here now: %s", online)
		return nil
	case strings.HasPrefix(text, "/"):
		return errors.New("/join <room>, /who, /quit")
	}
	// With the key the chat publishes it once, however often it has to be sent.
	_, err := Say.Ask(ctx, s, Draft{Key: rand.Text(), Text: text})
	return err
}

func (t *terminal) setOnline(names []string) {
	t.mu.Lock()
	defer t.mu.Unlock()
	t.online = names
}

func (t *terminal) show(format string, args ...any) {
	t.mu.Lock()
	defer t.mu.Unlock()
	fmt.Fprintf(t.out, format+"\n", args...)
}

// line is how a message looks. What could move the cursor does not get to the
// terminal.
func line(m Message) string {
	text := fmt.Sprintf("%s %s: %s", m.Time.Local().Format("15:04"), m.From, m.Text)
	if len(m.Picture) > 0 {
		text += fmt.Sprintf(" [a picture of %d bytes]", len(m.Picture))
	}
	return strings.Map(func(r rune) rune {
		if r < ' ' || r >= 0x7F && r < 0xA0 {
			return ' '
		}
		return r
	}, text)
}
