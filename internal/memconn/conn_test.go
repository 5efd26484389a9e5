package memconn

import (
	"bytes"
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"os"
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }

func TestWriterWaitsForReaderAndNothingIsLost(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe(10)
		sent := bytes.Repeat([]byte("0123456"), 10)
		done := false
		go func() {
			if n, err := a.Write(sent); n != len(sent) || err != nil {
				t.Errorf("Write = %d, %v", n, err)
			}
			done = true
			a.CloseWrite()
		}()
		synctest.Wait()
		if done {
			t.Fatal("Write returned before there was room for all of it")
		}
		got, err := io.ReadAll(b)
		if err != nil || !bytes.Equal(got, sent) {
			t.Errorf("read %q, %v", got, err)
		}
		if _, err := b.Write([]byte("answer")); err != nil {
			t.Errorf("Write after the other side's CloseWrite: %v", err)
		}
		answer := make([]byte, 6)
		if _, err := io.ReadFull(a, answer); err != nil || string(answer) != "answer" {
			t.Errorf("read %q, %v after CloseWrite", answer, err)
		}
	})
}

func TestCloseEndsBothSides(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, b := Pipe(0)
		read := make(chan error)
		go func() { _, err := a.Read(make([]byte, 1)); read <- err }()
		synctest.Wait()
		b.Write([]byte{})
		a.Close()
		if err := <-read; !errors.Is(err, net.ErrClosed) {
			t.Errorf("Read = %v after Close, want net.ErrClosed", err)
		}
		if _, err := b.Read(make([]byte, 1)); err != io.EOF {
			t.Errorf("the other end reads %v, want io.EOF", err)
		}
		if _, err := b.Write([]byte("x")); !errors.Is(err, io.ErrClosedPipe) {
			t.Errorf("the other end writes %v, want io.ErrClosedPipe", err)
		}
		if _, err := a.Write([]byte("x")); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Write = %v after Close, want net.ErrClosed", err)
		}
	})
}

// Several runs, because in the moment of a deadline its timer may come late.
func TestDeadlines(t *testing.T) {
	for range 200 {
		testDeadlines(t)
	}
}

func testDeadlines(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		a, _ := Pipe(1)
		start := time.Now()
		a.SetDeadline(start.Add(3 * time.Second))
		if _, err := a.Read(make([]byte, 1)); !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Read = %v", err)
		}
		if n, err := a.Write([]byte("two")); n != 0 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write = %d, %v", n, err)
		}
		if d := time.Since(start); d != 3*time.Second {
			t.Errorf("waited %v, want 3s", d)
		}
		a.SetDeadline(time.Time{})
		a.SetWriteDeadline(time.Now().Add(time.Second))
		if n, err := a.Write([]byte("two")); n != 1 || !errors.Is(err, os.ErrDeadlineExceeded) {
			t.Errorf("Write = %d, %v, want one byte written", n, err)
		}
		a.SetReadDeadline(time.Now().Add(time.Hour))
		a.Close() // also stops the timer, or the bubble would not end
	})
}

func TestServesHTTP(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		l := Listen(0)
		srv := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			io.WriteString(w, "hello "+r.RemoteAddr)
		})}
		served := make(chan error)
		go func() { served <- srv.Serve(l) }()
		transport := &http.Transport{DialContext: l.DialContext}
		res, err := (&http.Client{Transport: transport}).Get("http://memory/")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		if string(body) != "hello 192.0.2.1:1" {
			t.Errorf("body %q", body)
		}
		transport.CloseIdleConnections()
		srv.Close()
		if err := <-served; err != http.ErrServerClosed {
			t.Error(err)
		}
		if _, err := l.Dial(context.Background()); !errors.Is(err, net.ErrClosed) {
			t.Errorf("Dial = %v after Close", err)
		}
	})
}
