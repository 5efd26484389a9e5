package proxies

import (
	"reflect"
	"runtime"
	"slices"
	"strings"
	"testing"
)

// modes are the ways in which a client may use the transports.
var modes = []struct {
	name       string
	transports []string
	ends       string // the transport that carries the connection at last
}{
	{"polling", []string{"polling"}, "polling"},
	{"websocket", []string{"websocket"}, "websocket"},
	{"upgrade", []string{"polling", "websocket"}, "websocket"},
}

// client2 is an address of this machine that is not the one of the proxies.
const client2 = "127.0.0.2"

func needManyLoopbackAddresses(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("clients with addresses of their own need the whole of 127.0.0.0/8")
	}
}

type settled struct{ Transport string }

type events struct {
	Echo  []string
	Ack   string
	Asked string
	Large int
	Text  int
}

type description struct {
	Address, Transport string
	Secure             bool
}

func TestThroughAProxy(t *testing.T) {
	needManyLoopbackAddresses(t)
	for _, p := range proxies {
		for _, encrypted := range []bool{false, true} {
			name, r, s := p.name, request{URL: "http://"}, setup{}
			if encrypted {
				name += " with TLS"
				s.tls = newCertificate(t)
				r.URL, r.CA = "https://", s.tls.text
			}
			t.Run(name, func(t *testing.T) {
				srv := serve(t, "the server", options(), listen(t))
				s.servers = []string{srv.addr}
				r.URL += p.run(t, s)
				for _, m := range modes {
					t.Run(m.name, func(t *testing.T) {
						r.Transports = m.transports
						everything(t, r, m.ends, encrypted)
					})
				}
			})
		}
	}
}

// everything lets a client do everything once.
func everything(t *testing.T, r request, ends string, encrypted bool) {
	r.From = client2
	// What a client says about its address is not believed.
	r.ExtraHeaders = map[string]string{"X-Forwarded-For": "192.0.2.1", "X-Forwarded-Proto": "wss"}
	r.Do = []string{"connect", "events", "order", "describe", "be dropped and come back"}
	c := start(t, r)

	var at settled
	if c.result("connect", &at); at.Transport != ends {
		t.Errorf("connected over %q, want %q", at.Transport, ends)
	}
	var e events
	c.result("events", &e)
	if want := (events{[]string{"to and fro", "0001ff"}, "0001ff", "really!", 600_000, 900_000}); !reflect.DeepEqual(e, want) {
		t.Errorf("events came out as %+v, want %+v", e, want)
	}
	var order struct{ Ordered bool }
	if c.result("order", &order); !order.Ordered {
		t.Error("500 events did not arrive in order")
	}
	var d description
	c.result("describe", &d)
	if want := (description{client2, ends, encrypted}); d != want {
		t.Errorf("the server sees %+v, want %+v", d, want)
	}
	var back struct {
		Reason, Transport, Works string
		Another                  bool
	}
	c.result("be dropped and come back", &back)
	if !strings.HasPrefix(back.Reason, "transport ") || back.Transport != ends || back.Works != "hello again" || !back.Another {
		t.Errorf("after the connection was dropped: %+v", back)
	}
}

// TestRestart: the server is stopped, and another one takes its place at the same socket.
func TestRestart(t *testing.T) {
	for _, p := range proxies {
		for _, m := range modes {
			t.Run(p.name+"/"+m.name, func(t *testing.T) {
				l := listen(t)
				defer l.Close()
				first := serve(t, "the first", options(), again(t, l))
				asked := make(chan struct{})
				first.onWhich(func() { close(asked) })
				addr := p.run(t, setup{servers: []string{first.addr}})
				c := start(t, request{URL: "http://" + addr, Transports: m.transports, Do: []string{"connect", "survive a restart"}})
				c.done("connect")
				<-asked
				first.stop(t)
				serve(t, "the second", options(), again(t, l))
				var r struct{ Before, Reason, Buffered, After string }
				c.result("survive a restart", &r)
				if !strings.HasPrefix(r.Reason, "transport ") {
					t.Errorf("disconnected because of %q", r.Reason)
				}
				if r.Before != "the first" || r.After != "the second" || r.Buffered != "said while away" {
					t.Errorf("the restart came out as %+v", r)
				}
			})
		}
	}
}

// spread are the documented ways of keeping clients at one of several servers.
var spread = []struct {
	name    string
	proxy   proxy
	variant string
	cookies bool   // clients keep cookies
	sticky  string // the line that does it
}{
	{"nginx by address", proxies[0], "", false, "hash $remote_addr consistent;"},
	{"haproxy by cookie", proxies[1], "", true, "cookie chat-server insert indirect nocache httponly"},
	{"haproxy by session id", proxies[1], ", for clients without cookies", false, "stick match urlp(sid)"},
}

func TestSeveralServers(t *testing.T) {
	needManyLoopbackAddresses(t)
	for _, s := range spread {
		t.Run(s.name, func(t *testing.T) {
			addr := s.proxy.run(t, setup{servers: serveTwo(t), variant: s.variant})
			var clients []*client
			var reached []string
			// Polling is what needs it; and some of the clients upgrade.
			for i, from := range []string{"127.0.0.2", "127.0.0.3", "127.0.0.4", "127.0.0.5", "127.0.0.6", "127.0.0.7"} {
				m := modes[i%2*2]
				c := start(t, request{
					URL: "http://" + addr, Transports: m.transports, From: from, WithCredentials: s.cookies,
					Do: []string{"connect", "events", "which", "wait", "tell", "hear"},
				})
				clients = append(clients, c)
				var at settled
				if c.result("connect", &at); at.Transport != m.ends {
					t.Errorf("%s connected over %q, want %q", c.name, at.Transport, m.ends)
				}
				var e events
				if c.result("events", &e); e.Large != 600_000 {
					t.Errorf("%s: events came out as %+v", c.name, e)
				}
				var which string
				c.result("which", &which)
				reached = append(reached, which)
			}
			if slices.Sort(reached); len(slices.Compact(slices.Clone(reached))) != 2 {
				t.Errorf("all clients have reached the same server: %v", reached)
			}
			// Each tells all of them, through the bus: the first one's word is enough.
			for _, c := range clients {
				c.goOn()
			}
			for _, c := range clients {
				c.done("wait")
				c.done("tell")
				var word string
				if c.result("hear", &word); word != "the word" {
					t.Errorf("%s has heard %q", c.name, word)
				}
			}
		})
	}
}

// TestWithoutStickiness: what the documentation says would happen does happen.
func TestWithoutStickiness(t *testing.T) {
	for _, s := range spread {
		t.Run(s.name, func(t *testing.T) {
			addr := s.proxy.run(t, setup{servers: serveTwo(t), variant: s.variant, modified: func(config string) string {
				config = replace(t, config, s.sticky, "")
				if strings.Contains(config, "leastconn") { // which may well choose the same server again
					config = replace(t, config, "leastconn", "roundrobin")
				}
				return config
			}})
			c := start(t, request{
				URL: "http://" + addr, Transports: []string{"polling"}, WithCredentials: s.cookies,
				Do: []string{"fail to connect"},
			})
			c.done("fail to connect")
		})
	}
}
