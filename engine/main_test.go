package engine

import (
	"testing"

	"github.com/go-socketio/socketio/internal/leak"
)

func TestMain(m *testing.M) { leak.Main(m) }
