package socketio_test

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"testing"

	"github.com/go-socketio/socketio"
	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/packet"
)

// faultyCodec is a codec of the application: the format is that of packet.JSON, but it
// panics where the packet says so.
type faultyCodec struct{ refuses bool }

func (f faultyCodec) NewDecoder(limits packet.Limits) packet.Decoder {
	if f.refuses {
		panic("in NewDecoder")
	}
	return faultyDecoder{packet.JSON.NewDecoder(limits)}
}

func (faultyCodec) Encode(b *frame.Builder, h packet.Header, args []any) error {
	if strings.HasPrefix(h.Namespace, "/unspeakable") {
		panic("in Encode")
	}
	return packet.JSON.Encode(b, h, args)
}

type faultyDecoder struct{ packet.Decoder }

func (d faultyDecoder) Text(data []byte) (packet.Packet, bool, error) {
	if bytes.Contains(data, []byte("panic in Text")) {
		panic("in Text")
	}
	return withSource(d.Decoder.Text(data))
}

func (d faultyDecoder) Binary(data []byte) (packet.Packet, bool, error) {
	if bytes.Contains(data, []byte("panic in Binary")) {
		panic("in Binary")
	}
	return withSource(d.Decoder.Binary(data))
}

func withSource(p packet.Packet, complete bool, err error) (packet.Packet, bool, error) {
	p.Args = packet.NewArgs(faultySource{p.Args})
	return p, complete, err
}

type faultySource struct{ packet.Args }

func (s faultySource) Decode(i int, dst any) error {
	s.check("panic in Decode")
	return s.Args.Decode(i, dst)
}

func (s faultySource) Raw(i int) (packet.Raw, error) {
	return packet.Raw{JSON: s.Args.Raw(i), Attachments: s.Args.Attachments()}, nil
}

func (s faultySource) Size() int {
	s.check("panic in Size")
	return s.Args.Size()
}

func (s faultySource) check(what string) {
	if bytes.Contains(s.Args.Raw(0), []byte(what)) {
		panic(strings.TrimPrefix(what, "panic "))
	}
}

// A codec of the application that panics ends the connection whose packet it was given,
// whatever goroutine it is in, and nobody else's.
func TestCodecPanicEndsTheConnection(t *testing.T) {
	// Recovery decodes the auth before middleware runs. Without it, retries do so after that.
	recovery := map[string]*socketio.Recovery{socketio.WebSocket: {}, socketio.Polling: nil}
	for name, c := range map[string]struct {
		packets []string
		binary  string
	}{
		"Text":                                {[]string{`42["panic in Text"]`}, ""},
		"Binary":                              {[]string{`451-["e",{"_placeholder":true,"num":0}]`}, "panic in Binary"},
		"size of an event":                    {[]string{`42["e","panic in Size"]`}, ""},
		"auth of an open namespace":           {[]string{`40/open,{"a":"panic in Decode"}`}, ""},
		"auth of a namespace with middleware": {[]string{`40/guarded,{"a":"panic in Decode"}`}, ""},
		"auth of a dynamic namespace":         {[]string{`40/dynamic,{"a":"panic in Decode"}`}, ""},
		"in the middle of a batch":            {[]string{`42["echo",1]`, `42["panic in Text"]`, `42["echo",2]`}, ""},
	} {
		for _, transport := range []string{socketio.WebSocket, socketio.Polling} {
			t.Run(name+" over "+transport, func(t *testing.T) {
				log := newLogged()
				srv := socketio.NewServer(socketio.Options{
					Codec: faultyCodec{}, Logger: log.logger(),
					Recovery: recovery[transport], Retries: &socketio.Retries{},
				})
				echo(srv)
				srv.On("e", func(context.Context, *socketio.Socket, socketio.Args) error { return nil })
				srv.Of("/open")
				srv.Of("/guarded").Use(func(context.Context, *socketio.Socket) error { return nil })
				srv.OfFunc(func(context.Context, string, socketio.Args) (bool, error) { return true, nil })
				h := serve(t, srv)
				bystander := h.connect()
				bystander.join("/", "")
				left := disconnects(srv.Of("/"))
				h.sendFatally(transport, c.packets, c.binary)
				d := await(t, left, "the end")
				var panicked *socketio.PanicError
				if d.Reason != socketio.ReasonForcedClose || !errors.As(d.Err, &panicked) {
					t.Errorf("ended with %v, %v", d.Reason, d.Err)
				}
				bystander.send(`421["echo","still here"]`)
				bystander.expect(`431["still here"]`)
				if got := srv.Stats(); got.Panics != 1 || got.InvalidPackets != 0 {
					t.Errorf("stats %+v", got)
				}
				records := log.take()
				if len(records) != 1 || records[0].Level != slog.LevelError || attrs(records[0])["panic"] != panicked.Value || attrs(records[0])["event"] != "Options.Codec" {
					t.Errorf("logged %v", records)
				}
			})
		}
	}
}

// sendFatally has a new client join, send packets, and see that its connection ends.
func (h *host) sendFatally(transport string, packets []string, binary string) {
	h.t.Helper()
	if transport == socketio.WebSocket {
		c := h.connect()
		c.join("/", "")
		c.send(packets...)
		if binary != "" {
			c.sendBinary([]byte(binary))
		}
		c.expectClosed()
		return
	}
	p := h.poll()
	p.send("40")
	p.receive()
	if binary != "" {
		packets = append(packets, "b"+base64.StdEncoding.EncodeToString([]byte(binary)))
	}
	res, err := p.http.Post(p.url, "text/plain", strings.NewReader(strings.Join(packets, "\x1e")))
	if err != nil {
		h.t.Fatal(err)
	}
	res.Body.Close()
	for res.StatusCode == http.StatusOK {
		if res, err = p.http.Get(p.url); err != nil {
			h.t.Fatal(err)
		}
		io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
}

// A codec that cannot even make a decoder lets nobody in.
func TestCodecWithoutDecoder(t *testing.T) {
	srv := socketio.NewServer(socketio.Options{Codec: faultyCodec{refuses: true}, Logger: silent})
	h := serve(t, srv)
	res, err := http.Get("http://" + h.addr + "/socket.io/?EIO=4&transport=polling")
	if err != nil {
		t.Fatal(err)
	}
	res.Body.Close()
	if res.StatusCode != http.StatusBadRequest {
		t.Errorf("answered %s", res.Status)
	}
	h.dialWebSocket("", nil).expectClosed()
	if got := srv.Stats(); got.Panics != 2 || got.Clients != 0 {
		t.Errorf("stats %+v", got)
	}
}

// A client that cannot be answered is not left waiting.
func TestCodecThatCannotAnswerConnect(t *testing.T) {
	refuses := func(context.Context, *socketio.Socket) error { return errors.New("no") }
	accepts := func(context.Context, *socketio.Socket) error { return nil }
	for name, prepare := range map[string]func(*socketio.Server){
		"unknown":                func(*socketio.Server) {},
		"admitted":               func(srv *socketio.Server) { srv.Of("/unspeakable") },
		"admitted by middleware": func(srv *socketio.Server) { srv.Of("/unspeakable").Use(accepts) },
		"refused by middleware":  func(srv *socketio.Server) { srv.Of("/unspeakable").Use(refuses) },
		"refused by a function": func(srv *socketio.Server) {
			srv.OfFunc(func(context.Context, string, socketio.Args) (bool, error) { return false, nil })
		},
	} {
		t.Run(name, func(t *testing.T) {
			srv := socketio.NewServer(socketio.Options{Codec: faultyCodec{}, Logger: silent})
			echo(srv)
			prepare(srv)
			h := serve(t, srv)
			bystander := h.connect()
			bystander.join("/", "")
			c := h.connect()
			c.join("/", "")
			c.send("40/unspeakable,")
			c.expectClosed()
			bystander.send(`421["echo","still here"]`)
			bystander.expect(`431["still here"]`)
		})
	}
}

// miswriting is a codec of the application that does not keep to the rules of a
// frame.Builder.
type miswriting struct {
	packet.Codec
	misuse func(b *frame.Builder)
}

func (m miswriting) Encode(b *frame.Builder, h packet.Header, args []any) error {
	if h.Event != "wrong" {
		return m.Codec.Encode(b, h, args)
	}
	b.BeginText()
	b.Buf = append(b.Buf, `2["wrong","`+strings.Repeat("x", 100)...)
	for _, arg := range args {
		if text, ok := arg.(string); ok {
			b.Buf = append(b.Buf, text...)
		}
	}
	m.misuse(b)
	return nil
}

// What a codec has written that cannot be sent is an error of whoever emits it, and not of
// those who send it later.
func TestCodecThatMiswrites(t *testing.T) {
	for name, misuse := range map[string]func(b *frame.Builder){
		"nothing":                 func(b *frame.Builder) { b.Reset() },
		"no end":                  func(*frame.Builder) {},
		"the end cut off":         func(b *frame.Builder) { b.EndText(); b.Buf = b.Buf[:50] },
		"a reference to nowhere":  func(b *frame.Builder) { b.Refer(10_000, []byte("x")); b.EndText() },
		"references out of order": func(b *frame.Builder) { b.Refer(60, []byte("x")); b.Refer(50, []byte("x")); b.EndText() },
		"a reference in a header": func(b *frame.Builder) { b.Refer(1, []byte("x")); b.EndText() },
	} {
		for _, recovers := range []bool{false, true} {
			options := socketio.Options{Codec: miswriting{packet.JSON, misuse}, Logger: silent}
			if recovers {
				options.Recovery = &socketio.Recovery{}
			}
			srv := socketio.NewServer(options)
			echo(srv)
			h := serve(t, srv)
			c := h.connect()
			c.join("/", "")
			for what, emit := range map[string]func() error{
				"Emit":        func() error { return srv.Emit("wrong") },
				"EmitWithAck": func() error { _, err := srv.EmitWithAck(t.Context(), "wrong"); return err },
			} {
				if err := emit(); !errors.As(err, new(*packet.EncodeError)) {
					t.Errorf("%s: %s = %v", name, what, err)
				}
			}
			c.send(`421["echo","still here"]`)
			c.expect(`431["still here"]`)
		}
	}
}
