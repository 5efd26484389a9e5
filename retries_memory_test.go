package socketio

import (
	"testing"
	"testing/synctest"
	"time"

	"github.com/go-socketio/socketio/packet"
)

// An event that arrives while its socket ends does not keep the memory for ever.
func TestMemoryOfASocketThatIsGone(t *testing.T) {
	synctest.Test(t, func(t *testing.T) {
		srv := NewServer(Options{Retries: &Retries{}})
		defer srv.Close()
		m := srv.retries.find("/", packet.Args{})
		s := new(Socket)
		m.attach(s)
		m.detach(s)
		if fresh, _ := m.begin(firstRetryID); !fresh || srv.retries.counts().Memories != 1 {
			t.Fatal("the event is not noted")
		}
		time.Sleep(defaultRetriesMaxAge)
		synctest.Wait()
		if stats := srv.retries.counts(); stats.Memories != 0 || stats.Expired != 1 {
			t.Errorf("%+v", stats)
		}
		if n := len(srv.retries.byRID); n != 0 {
			t.Errorf("%d memories can be found", n)
		}
	})
}
