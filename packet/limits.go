package packet

// Limits bound what a [Decoder] accepts from its peer. In every field zero means
// the default and a negative value means no limit, except where noted. What
// exceeds a limit is refused with a [*LimitError].
type Limits struct {
	// MaxAttachments is the number of binary attachments one packet may announce.
	// The default is [DefaultMaxAttachments], which is also what Node.js allows.
	MaxAttachments int

	// MaxDepth is how deeply arrays and objects may be nested inside an argument.
	// The default is [DefaultMaxDepth]; it is never more than 9 000.
	MaxDepth int

	// MaxName is the length of an event name or of a namespace, in bytes on the
	// wire. The default is [DefaultMaxName].
	MaxName int
}

// The defaults of [Limits].
const (
	DefaultMaxAttachments = 10
	DefaultMaxDepth       = 128
	DefaultMaxName        = 1024
)

// depthCeiling keeps the recursion of the decoders within bounds. The JSON
// library itself stops at 10 000.
const depthCeiling = 9000

// WithDefaults returns the limits with every zero and every negative value
// replaced by what it means. It is for implementing a [Codec].
func (l Limits) WithDefaults() Limits {
	const unlimited = int(^uint(0) >> 1)
	resolve := func(v, byDefault, ceiling int) int {
		switch {
		case v == 0:
			return byDefault
		case v < 0:
			return ceiling
		default:
			return min(v, ceiling)
		}
	}
	return Limits{
		MaxAttachments: resolve(l.MaxAttachments, DefaultMaxAttachments, unlimited),
		MaxDepth:       resolve(l.MaxDepth, DefaultMaxDepth, depthCeiling),
		MaxName:        resolve(l.MaxName, DefaultMaxName, unlimited),
	}
}
