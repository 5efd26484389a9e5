package event_test

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-socketio/socketio/engine/frame"
	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

// answer takes the values of an acknowledgement to the other side.
func answer(t *testing.T, values []any) packet.Args {
	t.Helper()
	var b frame.Builder
	if err := packet.JSON.Encode(&b, packet.Header{Type: packet.Ack, HasID: true}, values); err != nil {
		t.Fatal(err)
	}
	text := b.Message().AppendPolling(nil)
	p, _, err := packet.JSON.NewDecoder(packet.Limits{}).Text(text[1:])
	if err != nil {
		t.Fatal(err)
	}
	return p.Args
}

func TestOnlyAnErrorForThePeerReachesThePeer(t *testing.T) {
	call := event.NewCall[event.None, string]("call")
	type detail struct{ Field string }
	told := &event.Error{Message: "too long", Data: detail{"name"}}

	_, err := call.DecodeAnswer(answer(t, call.Answer("", fmt.Errorf("check: %w", told))))
	var remote *event.RemoteError
	if !errors.As(err, &remote) || remote.Message != "too long" {
		t.Fatalf("the peer sees %v", err)
	}
	var d detail
	if err := remote.Data(&d); err != nil || d.Field != "name" {
		t.Errorf("data %+v, %v", d, err)
	}

	_, err = call.DecodeAnswer(answer(t, call.Answer("", errors.New("database password is wrong"))))
	if !errors.As(err, &remote) || remote.Message != "internal error" {
		t.Errorf("the peer sees %v", err)
	}
	if err := remote.Data(&d); err != nil || d.Field != "name" { // left alone
		t.Errorf("without data it decodes %+v, %v", d, err)
	}
}

func TestAnswersThatLookLikeFailures(t *testing.T) {
	type resp = map[string]any
	call := event.NewCall[event.None, resp]("call")
	for _, sound := range []resp{{"error": 1.0}, {"error": "x", "code": 1.0}, {"data": "error"}, {"error": "x", "data": 1.0, "more": 2.0}} {
		got, err := call.DecodeAnswer(answer(t, call.Answer(sound, nil)))
		if err != nil || len(got) != len(sound) {
			t.Errorf("%v came back as %v, %v", sound, got, err)
		}
	}
}
