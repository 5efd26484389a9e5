package socketio_test

import (
	"context"
	"errors"
	"fmt"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/cluster"
	"github.com/go-socketio/socketio/event"
)

func names(namespaces []*socketio.Namespace) []string {
	var all []string
	for _, ns := range namespaces {
		all = append(all, ns.Name())
	}
	slices.Sort(all)
	return all
}

func TestNamespacesByPattern(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	parent := srv.OfPattern(regexp.MustCompile(`^/dynamic-\d+$`))
	later := srv.OfPattern(regexp.MustCompile(`^/dynamic-`))
	var order []string
	srv.OnNewNamespace(func(ns *socketio.Namespace) {
		order = append(order, "new "+ns.Name())
		ns.Use(func(context.Context, *socketio.Socket) error {
			order = append(order, "child's middleware")
			return nil
		})
		ns.OnConnect(func(context.Context, *socketio.Socket) { order = append(order, "child's handler") })
	})
	parent.Use(func(_ context.Context, s *socketio.Socket) error {
		order = append(order, "parent's middleware of "+s.Namespace().Name())
		return s.Join("room")
	})
	parent.OnConnect(func(_ context.Context, s *socketio.Socket) { order = append(order, "parent's handler") })
	later.Use(func(context.Context, *socketio.Socket) error { return errors.New("the later one") })
	greeting := event.New[string]("greeting")
	socketio.On(parent, greeting, func(_ context.Context, s *socketio.Socket, who string) error {
		return s.Emit("welcome", order, who)
	})
	c := serve(t, srv).connect()
	c.join("/dynamic-1", "")
	c.send(`42/dynamic-1,["greeting","me"]`)
	c.expect(`42/dynamic-1,["welcome",["new /dynamic-1","parent's middleware of /dynamic-1","child's middleware","parent's handler","child's handler"],"me"]`)
	c.send("40/dynamic-x,")
	c.expect(`44/dynamic-x,{"message":"the later one"}`)
	c.send("40/other,")
	c.expect(`44/other,{"message":"Invalid namespace"}`)

	// A handler that comes later reaches children that are there.
	c.join("/dynamic-2", "")
	parent.On("late", func(_ context.Context, s *socketio.Socket, _ socketio.Args) error { return s.Emit("late too") })
	c.send(`42/dynamic-2,["late"]`)
	c.expect(`42/dynamic-2,["late too"]`)

	if got := names(parent.Children()); !slices.Equal(got, []string{"/dynamic-1", "/dynamic-2"}) {
		t.Errorf("children %q", got)
	}
	parent.To("room").Except("none").Emit("all", 1)
	got := []string{c.receive(), c.receive()}
	slices.Sort(got)
	if !slices.Equal(got, []string{`42/dynamic-1,["all",1]`, `42/dynamic-2,["all",1]`}) {
		t.Errorf("received %q", got)
	}
	if n := len(parent.To("room").Sockets()); n != 2 {
		t.Errorf("%d sockets", n)
	}
	parent.To("room").Join("other room")
	parent.To("room").Leave("room")
	parent.To("room").Emit("unheard")
	parent.In("other room").Local().Compress(false).Disconnect()
	got = []string{c.receive(), c.receive()}
	slices.Sort(got)
	if !slices.Equal(got, []string{"41/dynamic-1,", "41/dynamic-2,"}) {
		t.Errorf("received %q", got)
	}
	// What the program asks for belongs to the parent too.
	if of := srv.Of("dynamic-3"); !slices.Contains(parent.Children(), of) {
		t.Error("Of does not make a child")
	}
	if err := parent.Emit("connect"); !errors.Is(err, socketio.ErrReservedEvent) {
		t.Errorf("reserved event: %v", err)
	}
}

func TestNamespacesByFunction(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	var asked []string
	ask := func(who string, token string) socketio.NamespaceFunc {
		return func(ctx context.Context, name string, auth socketio.Args) (bool, error) {
			asked = append(asked, who)
			if strings.HasPrefix(name, "/panic") {
				panic(name)
			}
			if strings.HasPrefix(name, "/error") {
				return true, errors.New("no database")
			}
			var got struct {
				Token string `json:"token"`
			}
			if auth.Len() > 0 {
				if err := auth.Decode(&got); err != nil {
					return false, err
				}
			}
			return got.Token == token, ctx.Err()
		}
	}
	first, second := srv.OfFunc(ask("first", "1")), srv.OfFunc(ask("second", "2"))
	first.OnConnect(func(_ context.Context, s *socketio.Socket) { s.Emit("first") })
	second.OnConnect(func(_ context.Context, s *socketio.Socket) { s.Emit("second") })
	h := serve(t, srv)
	c := h.connect()
	c.join("/a", `{"token":"2"}`)
	c.expect(`42/a,["second"]`)
	c.join("/b", `{"token":"1"}`)
	c.expect(`42/b,["first"]`)
	for _, name := range []string{"/c", "/panic", "/error"} {
		c.send("40" + name + ",")
		c.expect("44" + name + `,{"message":"Invalid namespace"}`)
	}
	// Who has the right to join is not decided by who came first.
	d := h.connect()
	d.send("40/a,")
	d.expect(`44/a,{"message":"Invalid namespace"}`)
	d.join("/a", `{"token":"2"}`)
	d.expect(`42/a,["second"]`)
	want := []string{"first", "second", "first", "first", "second", "first", "second", "first", "second", "second", "second"}
	if !slices.Equal(asked, want) {
		t.Errorf("asked %q, want %q", asked, want)
	}
}

// While a function decides, heartbeats and other namespaces go on; who asks twice is
// thrown out, and who leaves is not waited for.
func TestNamespaceFunctionsMayTakeTheirTime(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{Logger: silent, MaxNamespaces: 3})
		echo(srv)
		var ended atomic.Int32
		srv.OfFunc(func(ctx context.Context, _ string, _ socketio.Args) (bool, error) {
			select {
			case <-ctx.Done():
				ended.Add(1)
				return true, ctx.Err()
			case <-time.After(time.Second):
				return true, nil
			}
		})
		h, stop := serveInMemory(t, srv, 0)
		c := h.connect()
		c.join("/", "")
		c.send("40/slow-1,", "40/slow-2,", "40/slow-3,", `42["echo"]`)
		c.expect(`44/slow-3,{"message":"Too many namespaces"}`, `42["echo"]`)
		for range 2 {
			if got := c.receive(); !strings.HasPrefix(got, `40/slow-`) {
				t.Errorf("received %q", got)
			}
		}
		c.send("40/slow-3,")
		c.expect(`44/slow-3,{"message":"Too many namespaces"}`)

		twice := h.connect()
		twice.join("/", "")
		twice.send("40/slow-4,", "40/slow-4,")
		twice.expectClosed()
		left := h.connect()
		left.send("40/slow-5,")
		synctest.Wait()
		left.conn.Close()
		synctest.Wait()
		if n := ended.Load(); n != 2 {
			t.Errorf("%d functions were told that the client has left, want 2", n)
		}
		if got := names(srv.Namespaces()); !slices.Equal(got, []string{"/", "/slow-1", "/slow-2"}) {
			t.Errorf("namespaces %q", got)
		}
		stop()
	})
}

// A client that leaves while a function decides leaves nothing behind, even if the
// function takes no notice.
func TestNamespaceFunctionsThatIgnoreTheContext(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{Logger: silent})
		proceed := make(chan bool)
		srv.OfFunc(func(context.Context, string, socketio.Args) (bool, error) { return <-proceed, nil })
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		for i := range 20 { // two things are ready then, of which one is chosen by chance
			c := h.connect()
			c.send(fmt.Sprintf("40/x-%d,", i))
			synctest.Wait()
			c.conn.Close()
			synctest.Wait()
			proceed <- true
			synctest.Wait()
		}
		if got := names(srv.Namespaces()); !slices.Equal(got, []string{"/"}) {
			t.Errorf("namespaces %q", got)
		}
	})
}

func TestEmptyNamespacesAreRemoved(t *testing.T) {
	for _, remove := range []bool{true, false} {
		t.Run(fmt.Sprint(remove), func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				bus := cluster.NewMemory()
				srv := socketio.NewServer(socketio.Options{Logger: silent, RemoveEmptyNamespaces: remove, Bus: bus})
				parent := srv.OfPattern(regexp.MustCompile(`^/x`))
				parent.Use(func(_ context.Context, s *socketio.Socket) error {
					if s.Handshake().RawAuth() != nil {
						return nil
					}
					return errors.New("no")
				})
				var left atomic.Int32
				parent.OnDisconnect(func(_ context.Context, s *socketio.Socket, _ socketio.Disconnect) {
					left.Add(1)
					if all := names(srv.Namespaces()); !slices.Contains(all, s.Namespace().Name()) {
						t.Errorf("the handler for %s saw %q", s.Namespace().Name(), all)
					}
				})
				h, stop := serveInMemory(t, srv, 0)
				defer stop()
				a, b := h.connect(), h.connect()
				// Nobody was ever in it.
				a.send("40/x-refused,")
				a.expect(`44/x-refused,{"message":"no"}`)
				a.join("/x-1", "{}")
				b.join("/x-1", "{}")
				srv.Of("/x-kept")
				b.join("/x-kept", "{}")
				a.send("41/x-1,")
				synctest.Wait()
				if got := names(srv.Namespaces()); !slices.Equal(got, []string{"/", "/x-1", "/x-kept"}) {
					t.Errorf("namespaces %q", got)
				}
				b.conn.Close()
				synctest.Wait()
				want := []string{"/", "/x-1", "/x-kept"}
				if remove {
					want = []string{"/", "/x-kept"}
				}
				if got := names(srv.Namespaces()); !slices.Equal(got, want) {
					t.Errorf("namespaces %q, want %q", got, want)
				}
				if n := left.Load(); n != 3 {
					t.Errorf("%d disconnections", n)
				}
				a.join("/x-1", "{}") // again
				srv.Of("/x-1").Emit("hello")
				a.expect(`42/x-1,["hello"]`)
			})
		})
	}
}

// Clients cannot make namespaces without end.
func TestTheNumberOfDynamicNamespacesIsBounded(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		log := newLogged()
		srv := socketio.NewServer(socketio.Options{Logger: log.logger(), MaxDynamicNamespaces: 2, MaxNamespaces: -1})
		srv.OfPattern(regexp.MustCompile(`^/`))
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		c := h.connect()
		c.join("/1", "")
		c.join("/2", "")
		c.send("40/3,")
		c.expect(`44/3,{"message":"Too many namespaces"}`)
		if a := attrs(log.take()[0]); a["namespace"] != "/3" || a["limit"] != int64(2) {
			t.Errorf("logged %v", a)
		}
		c.send("41/1,")
		synctest.Wait()
		c.join("/3", "") // in the place of the empty one
		if got := names(srv.Namespaces()); !slices.Equal(got, []string{"/", "/2", "/3"}) {
			t.Errorf("namespaces %q", got)
		}
		srv.Of("/4") // the program may
		srv.Of("/2") // and this one it keeps now, so that it does not count
		c.join("/5", "")
		c.send("40/6,")
		c.expect(`44/6,{"message":"Too many namespaces"}`)
		c.send("40/" + strings.Repeat("x", 2000) + ",")
		c.expectClosed()
	})
}

func TestPanicInOnNewNamespace(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Logger: silent})
	off := srv.OnNewNamespace(func(*socketio.Namespace) { panic("x") })
	srv.Of("/a")
	off()
	srv.Of("/b")
	if n := srv.Stats().Panics; n != 1 {
		t.Errorf("%d panics", n)
	}
	if err := srv.Close(); err != nil {
		t.Error(err)
	}
}

// A namespace whose handler ends its goroutine is not kept by the client that asked for it.
func TestGoexitInOnNewNamespace(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{})
	srv.OfPattern(regexp.MustCompile(`^/x$`))
	off := srv.OnNewNamespace(func(*socketio.Namespace) { runtime.Goexit() })
	c := serve(t, srv).connect()
	c.send("40/x,")
	c.expect(`44/x,{"message":"internal error"}`)
	eventually(t, "the namespace is gone", func() bool { return srv.Stats().DynamicNamespaces == 0 })
	off()
	c.join("/x", "")
}

// A namespace whose clients may come back and recover stays until they may not.
func TestEmptyNamespacesWaitForRecovery(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{
			RemoveEmptyNamespaces: true, Logger: silent,
			Recovery: &socketio.Recovery{MaxDisconnection: time.Minute},
		})
		srv.OfPattern(regexp.MustCompile(`^/x`))
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		c := h.connect()
		c.join("/x-1", "")
		c.conn.Close()
		time.Sleep(59 * time.Second)
		synctest.Wait()
		if got := names(srv.Namespaces()); !slices.Equal(got, []string{"/", "/x-1"}) {
			t.Errorf("namespaces %q", got)
		}
		late := h.connect() // it is there when the other one's time is over
		late.join("/x-1", "")
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := names(srv.Namespaces()); !slices.Equal(got, []string{"/", "/x-1"}) {
			t.Errorf("namespaces %q", got)
		}
		late.conn.Close()
		time.Sleep(59 * time.Second)
		time.Sleep(2 * time.Second)
		synctest.Wait()
		if got := names(srv.Namespaces()); !slices.Equal(got, []string{"/"}) {
			t.Errorf("namespaces %q", got)
		}
	})
}

// A namespace that makes room for another takes with it what its clients were promised,
// and says so.
func TestRecoveryEndsWithTheNamespace(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		lost := make(chan socketio.LostSession, 10)
		srv := socketio.NewServer(socketio.Options{
			MaxDynamicNamespaces: 1,
			Recovery:             &socketio.Recovery{OnLost: func(l socketio.LostSession) { lost <- l }},
			PingInterval:         2 * time.Hour,
		})
		left := make(chan socketio.Disconnect, 10)
		srv.OfPattern(regexp.MustCompile("^/n")).OnDisconnect(func(_ context.Context, _ *socketio.Socket, d socketio.Disconnect) { left <- d })
		h, stop := serveInMemory(t, srv, 0)
		away := h.connect()
		sid := away.join("/n1", "")
		away.conn.Close()
		if d := <-left; !d.Recoverable {
			t.Errorf("%+v", d)
		}
		synctest.Wait() // a client holds its namespace until its handlers have returned
		h.connect().join("/n2", "")
		synctest.Wait()
		if len(lost) != 1 {
			t.Fatalf("OnLost was called %d times", len(lost))
		}
		if l := <-lost; l.Namespace != "/n1" || l.SocketID != sid || l.Reason != socketio.LostEvicted {
			t.Errorf("%+v", l)
		}
		time.Sleep(time.Hour)
		stop()
		<-left
		if len(lost) != 0 {
			t.Errorf("lost twice: %+v", <-lost)
		}
	})
}

// While a function is asked, the program may make the namespace itself, or another parent
// for another client.
func TestNamespaceThatIsMadeMeanwhile(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := socketio.NewServer(socketio.Options{})
		ask := make(chan bool)
		yes := func(ctx context.Context, name string, _ socketio.Args) (bool, error) {
			if name == "/own" {
				srv.Of(name)
			}
			return <-ask, nil
		}
		first, second := srv.OfFunc(yes), srv.OfFunc(yes)
		h, stop := serveInMemory(t, srv, 0)
		defer stop()
		a, b := h.connect(), h.connect()
		a.send("40/own,")
		ask <- true
		if reply := a.receive(); !strings.HasPrefix(reply, "40/own,{") {
			t.Errorf("answered %q", reply)
		}
		a.send("40/x,")
		b.send("40/x,")
		synctest.Wait()
		ask <- false // the first parent will not have the one
		ask <- true  // but either may have the other
		ask <- true
		synctest.Wait()
		select {
		case ask <- true: // and be asked about the one again
		default:
		}
		for _, c := range []*client{a, b} {
			if reply := c.receive(); !strings.HasPrefix(reply, "40/x,{") {
				t.Errorf("answered %q", reply)
			}
		}
		if n := len(first.Children()) + len(second.Children()); n != 1 {
			t.Errorf("%d children", n)
		}
	})
}

// A namespace to which a client has come back does not make room for another.
func TestOnlyEmptyNamespacesMakeRoom(t *testing.T) {
	for name, parent := range map[string]func(*socketio.Server){
		"pattern": func(srv *socketio.Server) { srv.OfPattern(regexp.MustCompile("^/n")) },
		"function": func(srv *socketio.Server) {
			srv.OfFunc(func(context.Context, string, socketio.Args) (bool, error) { return true, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			synctest.Test(t, func(t *testing.T) {
				srv := socketio.NewServer(socketio.Options{MaxDynamicNamespaces: 1, Logger: silent})
				parent(srv)
				h, stop := serveInMemory(t, srv, 0)
				defer stop()
				c := h.connect()
				c.join("/n1", "")
				c.send("41/n1,")
				synctest.Wait()
				c.join("/n1", "")
				c.send("40/n2,")
				c.expect(`44/n2,{"message":"Too many namespaces"}`)
				if got := names(srv.Namespaces()); !slices.Equal(got, []string{"/", "/n1"}) {
					t.Errorf("namespaces %q", got)
				}
			})
		})
	}
}
