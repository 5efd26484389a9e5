package deadline

import (
	"math/rand/v2"
	"testing"
	"testing/synctest"
	"time"
)

type owner struct {
	entry   Entry
	expired []time.Time
	then    func(now time.Time)
}

func (o *owner) Expire(now time.Time) {
	o.expired = append(o.expired, now)
	if o.then != nil {
		o.then(now)
	}
}

func TestExpiresInOrderAndExactly(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue()
		defer q.Close()
		start := time.Now()
		owners := make([]*owner, 500)
		want := make([]time.Duration, len(owners))
		for i := range owners {
			owners[i] = &owner{}
			want[i] = time.Duration(rand.IntN(10_000)) * time.Millisecond
			q.Set(&owners[i].entry, owners[i], start.Add(want[i]))
		}
		for i := 0; i < len(owners); i += 3 { // put some off, bring some forward
			want[i] = time.Duration(rand.IntN(10_000)) * time.Millisecond
			q.Set(&owners[i].entry, owners[i], start.Add(want[i]))
		}
		for i := 1; i < len(owners); i += 7 {
			want[i] = -1
			q.Clear(&owners[i].entry)
		}
		time.Sleep(11 * time.Second)
		synctest.Wait()
		for i, o := range owners {
			switch {
			case want[i] < 0 && len(o.expired) != 0:
				t.Errorf("owner %d expired although it was cleared", i)
			case want[i] >= 0 && (len(o.expired) != 1 || o.expired[0].Sub(start) != want[i]):
				t.Errorf("owner %d expired at %v, want once at %v", i, o.expired, want[i])
			}
		}
		if n := q.Len(); n != 0 {
			t.Errorf("%d deadlines left", n)
		}
	})
}

func TestOwnerSetsItselfAgain(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue()
		o := &owner{}
		o.then = func(now time.Time) { q.Set(&o.entry, o, now.Add(time.Second)) }
		q.Set(&o.entry, o, time.Now().Add(time.Second))
		time.Sleep(5*time.Second + time.Millisecond)
		q.Close()
		if len(o.expired) != 5 {
			t.Errorf("expired %d times, want 5", len(o.expired))
		}
	})
}

func TestCloseStopsAndWaits(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		q := NewQueue()
		running, finish := make(chan bool), make(chan bool)
		slow := &owner{then: func(time.Time) { close(running); <-finish }}
		never := &owner{}
		q.Set(&slow.entry, slow, time.Now().Add(time.Second))
		q.Set(&never.entry, never, time.Now().Add(time.Minute))
		<-running
		closed := make(chan bool)
		go func() { q.Close(); close(closed) }()
		synctest.Wait()
		select {
		case <-closed:
			t.Fatal("Close returned while Expire was running")
		default:
		}
		close(finish)
		<-closed
		q.Set(&never.entry, never, time.Now())
		time.Sleep(2 * time.Minute)
		if len(never.expired) != 0 {
			t.Error("expired after Close")
		}
	})
}
