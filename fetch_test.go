package socketio_test

import (
	"context"
	"errors"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
)

type profile struct {
	Name   string `json:"name"`
	Avatar []byte `json:"avatar"`
}

func TestFetchSockets(t *testing.T) {
	bus := cluster.NewMemory()
	a, b := newNode(t, bus), newNode(t, bus)
	client := b.host.connectWith("&color=red", map[string][]string{"X-Test": {"1", "2"}, "Origin": {"http://x"}})
	sid := client.join("/", `{"token":"t"}`)
	other, _ := b.srv.Socket(sid)
	other.Join("room 1", "room 2")
	other.SetData(profile{"Ann", []byte{1, 2}})

	all, err := a.srv.FetchSockets(t.Context())
	if err != nil || len(all) != 3 {
		t.Fatalf("FetchSockets = %d sockets, %v", len(all), err)
	}
	if s, ok := all[0].Local(); !ok || s != a.socket || all[0].Node() != "" {
		t.Errorf("the first is not the local one: %+v", all[0])
	}
	found, err := a.srv.To("room 1").FetchSockets(t.Context())
	if err != nil || len(found) != 1 {
		t.Fatalf("FetchSockets = %d sockets, %v", len(found), err)
	}
	r := found[0]
	if _, ok := r.Local(); ok || r.Node() == "" || r.ID() != sid || !slices.Equal(r.Rooms(), []string{sid, "room 1", "room 2"}) {
		t.Errorf("found %+v", r)
	}
	h := r.Handshake()
	var auth struct{ Token string }
	if err := h.Auth.Decode(0, &auth); err != nil || auth.Token != "" { // names match exactly
		t.Errorf("auth %+v, %v", auth, err)
	}
	var named struct {
		Token string `json:"token"`
	}
	if err := h.Auth.Decode(0, &named); err != nil || named.Token != "t" {
		t.Errorf("auth %+v, %v", named, err)
	}
	if h.Query.Get("color") != "red" || !slices.Equal(h.Header["X-Test"], []string{"1", "2"}) || !h.CrossDomain || h.Secure ||
		h.Address != other.Handshake().Address() || !h.Time.Equal(other.Handshake().Time()) || h.URL != other.Handshake().URL() {
		t.Errorf("handshake %+v", h)
	}
	var data profile
	if err := r.Data(&data); err != nil || data.Name != "Ann" || string(data.Avatar) != "\x01\x02" {
		t.Errorf("data %+v, %v", data, err)
	}

	// Acting on it.
	if err := r.Join("room 3"); err != nil {
		t.Error(err)
	}
	r.Leave("room 1")
	r.Emit("hi", 1)
	client.expect(`42["hi",1]`)
	if rooms := other.Rooms(); !slices.Equal(rooms, []string{sid, "room 2", "room 3"}) {
		t.Errorf("rooms %q", rooms)
	}
	answered := make(chan string, 1)
	go func() {
		answer, err := r.EmitWithAck(t.Context(), "q")
		var text string
		if err != nil || answer.Decode(&text) != nil {
			t.Errorf("EmitWithAck: %v", err)
		}
		answered <- text
	}()
	client.expect(`420["q"]`)
	client.send(`430["yes"]`)
	if got := await(t, answered, "the answer"); got != "yes" {
		t.Errorf("answer %q", got)
	}
	r.Disconnect()
	client.expect("41")
	if _, err := r.EmitWithAck(t.Context(), "q"); !errors.Is(err, socketio.ErrDisconnected) {
		t.Errorf("EmitWithAck to a socket that has left: %v", err)
	}
	client.join("/", "")
	again, _ := b.srv.Except(b.socket.ID()).FetchSockets(t.Context())
	if len(again) != 2 { // that of a as well
		t.Fatalf("%d sockets", len(again))
	}
	again[0].DisconnectConn()
	client.expectClosed()
}

// What is fetched of this server needs no encoding, and what of another has none.
func TestDataOfFetchedSockets(t *testing.T) {
	bus := cluster.NewMemory()
	a, b := newNode(t, bus), newNode(t, bus)
	p := &profile{Name: "Ann"}
	a.socket.SetData(p)
	fetch := func(s *socketio.Socket) *socketio.RemoteSocket {
		t.Helper()
		found, err := a.srv.To(s.ID()).FetchSockets(t.Context())
		if err != nil || len(found) != 1 {
			t.Fatalf("%d, %v", len(found), err)
		}
		return found[0]
	}
	var pointer *profile
	if err := fetch(a.socket).Data(&pointer); err != nil || pointer != p {
		t.Errorf("data %p %v, want %p", pointer, err, p)
	}
	var copied profile
	if err := fetch(a.socket).Data(&copied); err != nil || copied.Name != "Ann" {
		t.Errorf("data %v %v", copied, err)
	}
	none := profile{Name: "kept"}
	a.socket.SetData(nil)
	for name, s := range map[string]*socketio.Socket{"here": a.socket, "elsewhere": b.socket} {
		if err := fetch(s).Data(&none); err != nil || none.Name != "kept" {
			t.Errorf("no data %s: %v %v", name, none, err)
		}
		var anything any = "kept"
		if err := fetch(s).Data(&anything); err != nil || anything != "kept" {
			t.Errorf("no data %s: %v %v", name, anything, err)
		}
		var nobody *profile
		if err := fetch(s).Data(&nobody); err != nil || nobody != nil {
			t.Errorf("no data %s: %v %v", name, nobody, err)
		}
		var list []string
		if err := fetch(s).Data(&list); err != nil {
			t.Errorf("no data %s: %v", name, err)
		}
	}
	b.socket.SetData("something")
	if err := fetch(b.socket).Data(nil); err == nil {
		t.Error("decoding into nil succeeds")
	}
	b.socket.SetData(func() {}) // cannot travel: the socket is found all the same
	if err := fetch(b.socket).Data(&none); err != nil || none.Name != "kept" {
		t.Errorf("data that cannot be encoded: %v %v", none, err)
	}
}

func TestFetchSocketsOfAServerAlone(t *testing.T) {
	n := newNode(t, nil)
	found, err := n.srv.FetchSockets(t.Context())
	if err != nil || len(found) != 1 || found[0].ID() != n.socket.ID() {
		t.Errorf("FetchSockets = %v, %v", found, err)
	}
	if answer, err := n.srv.OtherServers().EmitWithAck(t.Context(), "q"); err != nil || len(answer) != 0 {
		t.Errorf("EmitWithAck = %v, %v", answer, err)
	}
	if err := n.srv.OtherServers().Emit("e"); err != nil {
		t.Error(err)
	}
}

// mute is a bus on which this node does not answer.
type mute struct{ *cluster.Memory }

func (b mute) Join(namespace string, r cluster.Receiver) (cluster.Member, error) {
	m, err := b.Memory.Join(namespace, r)
	return muteMember{m}, err
}

type muteMember struct{ cluster.Member }

func (muteMember) Respond(context.Context, string, *cluster.Message) error { return nil }

// A server that does not answer delays, for no longer than asked; one that leaves not
// even that. What the others have answered is not lost.
func TestServersThatDoNotAnswer(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		bus := cluster.NewMemory()
		asking := socketio.NewServer(socketio.Options{Bus: bus})
		good := socketio.NewServer(socketio.Options{Bus: bus})
		silent := socketio.NewServer(socketio.Options{Bus: mute{bus}})
		good.OnServer("q", func(_ context.Context, args socketio.Args) error { return args.Ack("yes") })
		h, stop := serveInMemory(t, good, 0)
		c := h.connect()
		c.join("/", "")

		start := time.Now()
		found, err := asking.FetchSockets(t.Context())
		if !errors.Is(err, context.DeadlineExceeded) || len(found) != 1 || time.Since(start) != 5*time.Second {
			t.Errorf("FetchSockets = %d sockets, %v after %v", len(found), err, time.Since(start))
		}
		ctx, cancel := context.WithTimeout(t.Context(), time.Second)
		defer cancel()
		start = time.Now()
		answers, err := asking.OtherServers().EmitWithAck(ctx, "q")
		if !errors.Is(err, context.DeadlineExceeded) || len(answers) != 1 || time.Since(start) != time.Second {
			t.Errorf("EmitWithAck = %d answers, %v after %v", len(answers), err, time.Since(start))
		}
		done := make(chan error)
		go func() {
			answers, err := asking.OtherServers().EmitWithAck(t.Context(), "q")
			if len(answers) != 1 {
				t.Errorf("%d answers", len(answers))
			}
			done <- err
		}()
		synctest.Wait()
		start = time.Now()
		if err := silent.Close(); err != nil {
			t.Error(err)
		}
		if err := <-done; err != nil || time.Since(start) != 0 {
			t.Errorf("EmitWithAck = %v, %v after the server left", err, time.Since(start))
		}
		c.conn.Close()
		synctest.Wait()
		stop()
		if err := asking.Close(); err != nil {
			t.Error(err)
		}
	})
}

// Data whose encoding panics harms nobody, neither at its own server nor at one that asks.
func TestFetchSocketsWhoseDataPanics(t *testing.T) {
	bus := cluster.NewMemory()
	a, b := socketio.NewServer(socketio.Options{Logger: silent, Bus: bus}), socketio.NewServer(socketio.Options{Logger: silent, Bus: bus})
	connected := sockets(a.Of("/"))
	c := serve(t, a).connect()
	serve(t, b)
	sid := c.join("/", "")
	await(t, connected, "the socket").SetData(panicking{})
	for name, srv := range map[string]*socketio.Server{"own": a, "other": b} {
		found, err := srv.FetchSockets(t.Context())
		if err != nil || len(found) != 1 || found[0].ID() != sid {
			t.Fatalf("%s server: %v, %v", name, found, err)
		}
		var data map[string]int
		if err := found[0].Data(&data); name == "own" && !errors.As(err, new(*socketio.PanicError)) || len(data) != 0 {
			t.Errorf("%s server: data %v, %v", name, data, err)
		}
	}
}
