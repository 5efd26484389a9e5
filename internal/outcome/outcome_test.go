package outcome

import (
	"errors"
	"fmt"
	"testing"

	"github.com/go-socketio/socketio/event"
	"github.com/go-socketio/socketio/packet"
)

var errTest = errors.New("failed")

// An event is acknowledged if its handlers cannot do that, and only then.
func TestAll(t *testing.T) {
	other := errors.New("failed later")
	for name, c := range map[string]struct {
		errs   []error
		acked  bool
		failed error
	}{
		"no handler":                       {nil, false, nil},
		"one that can answer":              {[]error{nil}, false, nil},
		"one that cannot":                  {[]error{ErrNoAnswer}, true, nil},
		"two that cannot":                  {[]error{ErrNoAnswer, ErrNoAnswer}, true, nil},
		"one of each":                      {[]error{nil, ErrNoAnswer}, false, nil},
		"one of each, the other way":       {[]error{ErrNoAnswer, nil}, false, nil},
		"one that failed":                  {[]error{errTest}, false, errTest},
		"one that failed, one that cannot": {[]error{ErrNoAnswer, errTest}, false, errTest},
		"two that failed":                  {[]error{errTest, other}, false, errTest},
		"one that was for another event":   {[]error{ErrNotRun}, false, nil},
		"that, and one that cannot":        {[]error{ErrNotRun, ErrNoAnswer}, true, nil},
		"that, and one that failed":        {[]error{ErrNotRun, errTest}, false, errTest},
	} {
		var all All
		for _, err := range c.errs {
			all.Add(err)
		}
		if all.Failed() != c.failed {
			t.Errorf("%s: failed with %v, want %v", name, all.Failed(), c.failed)
		}
		acked := 0
		args := event.NewArgs(packet.Args{}, func(values []any) error {
			acked++
			if len(values) > 0 {
				t.Errorf("%s: answered %v", name, values)
			}
			return errTest // the peer has left: nobody needs to know
		})
		all.Acknowledge(args)
		all.Acknowledge(args)
		if want := map[bool]int{true: 1}[c.acked]; acked != want {
			t.Errorf("%s: acknowledged %d times, want %d", name, acked, want)
		}
	}
}

func TestAcknowledgeLeavesAnAnswerAlone(t *testing.T) {
	var all All
	all.Add(ErrNoAnswer)
	all.Acknowledge(event.NewArgs(packet.Args{}, nil)) // which nobody waits for
	var answers []any
	args := event.NewArgs(packet.Args{}, func(values []any) error {
		answers = append(answers, values...)
		return nil
	})
	args.Ack("answer")
	all.Acknowledge(args)
	if len(answers) != 1 || answers[0] != "answer" {
		t.Errorf("answered %v", answers)
	}
}

func TestIsFailure(t *testing.T) {
	for err, want := range map[error]bool{nil: false, ErrNoAnswer: false, ErrNotRun: false, errTest: true} {
		if got := IsFailure(err); got != want {
			t.Errorf("IsFailure(%v) = %v", err, got)
		}
	}
}

// Of the errors whose methods panic, one for each method.
type (
	inError  struct{ error }
	inUnwrap struct{ text string }
	inAs     struct{}
	inIs     struct{}
)

func (e *inError) Error() string  { return e.error.Error() }
func (*inUnwrap) Error() string   { return "" }
func (e *inUnwrap) Unwrap() error { return errors.New(e.text) }
func (*inAs) Error() string       { return "" }
func (*inAs) As(any) bool         { panic("in As") }
func (*inIs) Error() string       { return "" }
func (*inIs) Is(error) bool       { panic("in Is") }

// What an error of the application does when it is looked at, it does in Examine.
func TestExamine(t *testing.T) {
	for _, err := range []error{
		(*inError)(nil), (*inUnwrap)(nil), (*inAs)(nil), (*inIs)(nil), (*event.Error)(nil),
		fmt.Errorf("wrapped: %w", (*inUnwrap)(nil)),
		errors.Join(errTest, (*event.Error)(nil)),
	} {
		func() {
			defer func() {
				if recover() == nil {
					t.Errorf("%T does not panic", err)
				}
			}()
			Examine(err)
		}()
	}
	for _, err := range []error{nil, ErrNoAnswer, ErrNotRun, errTest, &event.Error{Message: "told"}, fmt.Errorf("wrapped: %w", errTest)} {
		Examine(err)
	}
}
