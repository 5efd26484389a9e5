package event_test

import (
	"context"
	"errors"
	"fmt"
	"reflect"
	"sync"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// transmit encodes args and decodes them again, as they would arrive at a peer.
func transmit(t testing.TB, args ...any) packet.Args {
	t.Helper()
	var b frame.Builder
	if err := packet.JSON.Encode(&b, packet.Header{Type: packet.Ack, HasID: true}, args); err != nil {
		t.Fatal(err)
	}
	d := packet.JSON.NewDecoder(packet.Limits{})
	payload, more := b.Message().AppendPolling(nil), true
	for {
		var text []byte
		text, payload, more = frame.SplitPayload(payload)
		message, err := frame.ParsePacket(text)
		if err != nil {
			t.Fatal(err)
		}
		feed := d.Text
		if message.Binary {
			feed = d.Binary
		}
		p, complete, err := feed(message.Data)
		if err != nil {
			t.Fatal(err)
		}
		if complete && !more {
			return p.Args
		}
	}
}

// peer records what is emitted to it, and answers.
type peer struct {
	t       testing.TB
	name    string
	args    packet.Args
	n       int
	answers [][]any
	err     error
}

func (p *peer) EmitContext(_ context.Context, name string, args ...any) error {
	p.name, p.args, p.n = name, transmit(p.t, args...), len(args)
	return p.err
}

func (p *peer) EmitWithAck(ctx context.Context, name string, args ...any) (event.Args, error) {
	if err := p.EmitContext(ctx, name, args...); err != nil {
		return event.Args{}, err
	}
	return event.NewArgs(transmit(p.t, p.answers[0]...), nil), nil
}

// peers is several peers.
type peers struct{ peer }

func (p *peers) EmitWithAck(ctx context.Context, name string, args ...any) ([]event.Args, error) {
	err := p.EmitContext(ctx, name, args...)
	var all []event.Args
	for _, answer := range p.answers {
		all = append(all, event.NewArgs(transmit(p.t, answer...), nil))
	}
	return all, err
}

type message struct {
	Author string `json:"author"`
	Image  []byte `json:"image"`
}

type move struct{ x, y int }

func (m *move) EventArgs() []any { return []any{&m.x, &m.y} }

// roundTrip emits v and decodes it again.
func roundTrip[T any](v T, args int) func(*testing.T) {
	return func(t *testing.T) {
		e := event.New[T]("e")
		p := &peer{t: t}
		if err := e.Emit(t.Context(), p, v); err != nil {
			t.Fatal(err)
		}
		if p.name != "e" || p.name != e.Name() || p.args.Len() != args || p.n != args {
			t.Errorf("emitted %q with %d arguments", p.name, p.args.Len())
		}
		got, err := e.Decode(p.args)
		if err != nil || !reflect.DeepEqual(got, v) {
			t.Errorf("got %+v, %v, want %+v", got, err, v)
		}
	}
}

func TestEvent(t *testing.T) {
	t.Run("struct", roundTrip(message{"ada", []byte{1}}, 1))
	t.Run("pointer", roundTrip(&message{"ada", nil}, 1))
	t.Run("slice", roundTrip([]string{"a", "b"}, 1))
	t.Run("string", roundTrip("a", 1))
	t.Run("any", roundTrip[any]("a", 1))
	t.Run("nil", roundTrip[any](nil, 1))
	t.Run("none", roundTrip(event.None{}, 0))
	t.Run("own arguments", roundTrip(move{3, 4}, 2))
	t.Run("two", roundTrip(event.Tuple2[string, []byte]{A: "a", B: []byte("b")}, 2))
	t.Run("three", roundTrip(event.Tuple3[int, message, bool]{A: 1, B: message{Author: "b", Image: []byte{2}}, C: true}, 3))
}

func TestEventErrors(t *testing.T) {
	broken := errors.New("broken")
	if err := event.New[int]("e").Emit(t.Context(), &peer{t: t, err: broken}, 1); !errors.Is(err, broken) {
		t.Errorf("Emit: %v", err)
	}
	for name, decode := range map[string]func(packet.Args) error{
		"none":    func(a packet.Args) error { _, err := event.New[int]("e").Decode(packet.Args{}); return err },
		"missing": func(a packet.Args) error { _, err := event.New[move]("e").Decode(a); return err },
	} {
		if err := decode(transmit(t, 1)); !errors.Is(err, packet.ErrMissingArgument) {
			t.Errorf("%s: %v", name, err)
		}
	}
	var de *packet.DecodeError
	if _, err := event.New[event.Tuple2[int, int]]("e").Decode(transmit(t, 1, "b")); !errors.As(err, &de) || de.Index != 1 {
		t.Errorf("second argument: %v", err)
	}
	// What an event has no place for is ignored.
	if got, err := event.New[int]("e").Decode(transmit(t, 1, "more")); got != 1 || err != nil {
		t.Errorf("more than one: %v, %v", got, err)
	}
	if _, err := event.New[event.None]("e").Decode(transmit(t, 1)); err != nil {
		t.Errorf("more than none: %v", err)
	}
}

func TestAsk(t *testing.T) {
	square := event.NewCall[int, float64]("square")
	p := &peer{t: t, answers: [][]any{square.Answer(9, nil)}}
	got, err := square.Ask(t.Context(), p, 3)
	if got != 9 || err != nil {
		t.Errorf("got %v, %v", got, err)
	}
	if req, err := square.DecodeRequest(p.args); req != 3 || err != nil || p.name != "square" || square.Name() != "square" {
		t.Errorf("asked %q, %v, %v", p.name, req, err)
	}

	p.answers = [][]any{{"nine"}}
	var de *packet.DecodeError
	if _, err := square.Ask(t.Context(), p, 3); !errors.As(err, &de) {
		t.Errorf("wrong answer: %v", err)
	}
	p.answers = [][]any{{}}
	if _, err := square.Ask(t.Context(), p, 3); !errors.Is(err, packet.ErrMissingArgument) {
		t.Errorf("empty answer: %v", err)
	}
	p.err = context.DeadlineExceeded
	if _, err := square.Ask(t.Context(), p, 3); !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("no answer: %v", err)
	}
}

// A handler's error reaches the asking side as far as it is meant for it.
func TestFailure(t *testing.T) {
	call := event.NewCall[event.None, int]("c")
	for name, test := range map[string]struct {
		err  error
		want event.Error
	}{
		"for the peer": {&event.Error{Message: "too large"}, event.Error{Message: "too large"}},
		"wrapped":      {fmt.Errorf("at home: %w", &event.Error{Message: "full", Data: 7.0}), event.Error{Message: "full", Data: 7.0}},
		"bytes":        {&event.Error{Message: "full", Data: []byte("b")}, event.Error{Message: "full", Data: []byte("b")}},
		"any other":    {errors.New("password is 1234"), event.Error{Message: "internal error"}},
	} {
		t.Run(name, func(t *testing.T) {
			got, err := call.Ask(t.Context(), &peer{t: t, answers: [][]any{call.Answer(5, test.err)}}, event.None{})
			var remote *event.RemoteError
			if got != 0 || !errors.As(err, &remote) || err.Error() != test.want.Message {
				t.Fatalf("got %v, %v", got, err)
			}
			data := any("untouched")
			if test.want.Data == nil {
				test.want.Data = data
			}
			if err := remote.Data(&data); err != nil || !reflect.DeepEqual(data, test.want.Data) {
				t.Errorf("data %v, %v", data, err)
			}
		})
	}
	var remote *event.RemoteError
	errors.As(answerError(t, &event.Error{Message: "m", Data: "text"}), &remote)
	var number int
	var de *packet.DecodeError
	for _, dst := range []any{&number, nil, number, (*string)(nil)} {
		if err := remote.Data(dst); !errors.As(err, &de) {
			t.Errorf("data decoded into %T: %v", dst, err)
		}
	}
}

// answerError is what a call without an answer that failed with err reports.
func answerError(t *testing.T, err error) error {
	done := event.NewCall[event.None, event.None]("done")
	_, err = done.DecodeAnswer(transmit(t, done.Answer(event.None{}, err)...))
	return err
}

func TestDone(t *testing.T) {
	done := event.NewCall[event.None, event.None]("done")
	if answer := done.Answer(event.None{}, nil); len(answer) != 0 {
		t.Errorf("answer %v", answer)
	}
	if err := answerError(t, nil); err != nil {
		t.Errorf("error %v", err)
	}
}

// Only an object with a string as error, and at most data beside it, is a failure.
func TestFailureForm(t *testing.T) {
	call := event.NewCall[event.None, any]("c")
	for _, answer := range [][]any{
		{map[string]any{"error": 1.0}},
		{map[string]any{"error": "a", "code": 1.0}},
		{map[string]any{"error": "a", "data": 1.0, "code": 1.0}},
		{map[string]any{"Error": "a"}},
		{map[string]any{"data": map[string]any{"error": "a"}}},
		{[]any{"error"}},
		{"error"},
		{map[string]any{"error": "a"}, 1},
	} {
		got, err := call.Ask(t.Context(), &peer{t: t, answers: [][]any{answer}}, event.None{})
		if err != nil || !reflect.DeepEqual(got, answer[0]) {
			t.Errorf("%v: got %v, %v", answer, got, err)
		}
	}
}

func TestAskAll(t *testing.T) {
	square := event.NewCall[int, int]("square")
	p := &peers{peer{t: t, answers: [][]any{{9}, {10}}}}
	if got, err := square.AskAll(t.Context(), p, 3); !reflect.DeepEqual(got, []int{9, 10}) || err != nil {
		t.Errorf("got %v, %v", got, err)
	}

	p.answers = [][]any{{9}, {"ten"}, square.Answer(0, &event.Error{Message: "no"}), {11}}
	p.err = context.DeadlineExceeded
	got, err := square.AskAll(t.Context(), p, 3)
	if !reflect.DeepEqual(got, []int{9, 11}) {
		t.Errorf("partial answers: %v", got)
	}
	var de *packet.DecodeError
	var remote *event.RemoteError
	if !errors.Is(err, context.DeadlineExceeded) || !errors.As(err, &de) || !errors.As(err, &remote) {
		t.Errorf("partial answers: error %v", err)
	}
}

func TestArgs(t *testing.T) {
	args := event.NewArgs(transmit(t, "a", 2, []byte("c")), nil)
	var a string
	var b int
	var c []byte
	if err := args.Decode(&a, &b, &c); err != nil || a != "a" || b != 2 || string(c) != "c" {
		t.Errorf("got %q, %d, %q, %v", a, b, c, err)
	}
	c = nil
	if err := args.Decode(nil, nil, &c); err != nil || string(c) != "c" {
		t.Errorf("last one: %q, %v", c, err)
	}
	if err := args.At(1, &b); err != nil || b != 2 {
		t.Errorf("At: %d, %v", b, err)
	}
	if err := args.Decode(); err != nil {
		t.Errorf("nothing: %v", err)
	}
	var de *packet.DecodeError
	a = ""
	if err := args.Decode(&a, &a); !errors.As(err, &de) || de.Index != 1 || a != "a" {
		t.Errorf("wrong type: %v", err)
	}
	for _, last := range []any{new(int), nil} {
		if err := args.Decode(nil, nil, nil, last); !errors.Is(err, packet.ErrMissingArgument) || !errors.As(err, &de) || de.Index != 3 {
			t.Errorf("missing: %v", err)
		}
	}
	// Passed on, it is all its arguments.
	again := event.NewArgs(transmit(t, args, args), nil)
	if again.Len() != 6 || string(again.Raw(3)) != `"a"` || len(again.Attachments()) != 2 {
		t.Errorf("passed on: %d arguments", again.Len())
	}
}

func TestAck(t *testing.T) {
	none := event.NewArgs(packet.Args{}, nil)
	if err := none.Ack(); none.HasAck() || none.Acknowledged() || !errors.Is(err, event.ErrNoAck) {
		t.Errorf("not asked for: %v", err)
	}
	broken := errors.New("broken")
	var sent [][]any
	args := event.NewArgs(packet.Args{}, func(values []any) error {
		sent = append(sent, values)
		return broken
	})
	if !args.HasAck() || args.Acknowledged() {
		t.Error("not ready")
	}
	var wg sync.WaitGroup
	var again sync.Map
	for i := range 8 {
		copied := args
		wg.Go(func() { again.Store(i, copied.Ack("a", i)) })
	}
	wg.Wait()
	first := 0
	for i := range 8 {
		switch err, _ := again.Load(i); {
		case err == broken:
			first++
		case err != event.ErrAlreadyAcknowledged:
			t.Errorf("error %v", err)
		}
	}
	if first != 1 || len(sent) != 1 || len(sent[0]) != 2 || !args.Acknowledged() {
		t.Errorf("%d calls answered: %v", first, sent)
	}
}
