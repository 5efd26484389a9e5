package packet

// JSON is the codec of the default parser: one text message per packet, followed
// by one binary message for each attachment. Its values follow the rules of
// encoding/json/v2, with these differences, which make them what JavaScript
// expects:
//
//   - A []byte, a named type of it, or an array of bytes is a binary attachment,
//     wherever it is nested: in structs, maps, slices, pointers, interfaces.
//     A nil slice of bytes is null. Types with a MarshalJSON or MarshalText
//     method are what the method says.
//   - A float that is not finite is null.
//   - What is not valid UTF-8 in a string becomes U+FFFD.
//
// [Args.Decode] has the rules for the other direction.
var JSON Codec = jsonCodec{}

type jsonCodec struct{}

var defaultLimits = Limits{}.WithDefaults()

// NewDecoder implements [Codec].
func (jsonCodec) NewDecoder(l Limits) Decoder {
	if l == (Limits{}) {
		return &jsonDecoder{limits: &defaultLimits}
	}
	own := l.WithDefaults()
	return &jsonDecoder{limits: &own}
}
