module github.com/go-socketio/socketio

go 1.26
