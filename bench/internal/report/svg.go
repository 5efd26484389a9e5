package report

import (
	"fmt"
	"html"
	"math"
	"slices"
	"strings"
)

// A chart is drawn without the help of a library: it is a few rectangles, lines and
// words. It is readable on a light and on a dark page.
const (
	chartWidth  = 760
	chartMargin = 16
	labelWidth  = 250
	barHeight   = 11
	ink         = "#808080"
)

// colours are those of the peers, in their order.
var colours = []string{"#5b8c3e", "#c9922b", "#8a8f98", "#2f6fbb", "#a6427c", "#3b9c9c"}

func colour(i int) string { return colours[i%len(colours)] }

type svg struct {
	strings.Builder
	height int
}

func (s *svg) text(x, y float64, anchor, text string) {
	fmt.Fprintf(s, `<text x="%.0f" y="%.0f" text-anchor="%s">%s</text>`+"\n", x, y, anchor, html.EscapeString(text))
}

func (s *svg) line(x1, y1, x2, y2 float64) {
	fmt.Fprintf(s, `<line x1="%.1f" y1="%.1f" x2="%.1f" y2="%.1f" stroke="%s" stroke-opacity="0.4"/>`+"\n", x1, y1, x2, y2, ink)
}

func (s *svg) legend(peers []Peer, y float64) {
	x := float64(chartMargin)
	for i, p := range peers {
		fmt.Fprintf(s, `<rect x="%.0f" y="%.0f" width="10" height="10" fill="%s"/>`+"\n", x, y-9, colour(i))
		s.text(x+14, y, "start", p.Name)
		x += 30 + 8*float64(len([]rune(p.Name)))
	}
}

// document returns the finished picture.
func (s *svg) document(title string) string {
	return fmt.Sprintf(`<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 %d %d" width="%d" height="%d" role="img" aria-label="%s" `+
		`font-family="system-ui, sans-serif" font-size="12" fill="%s">`+"\n", chartWidth, s.height, chartWidth, s.height, html.EscapeString(title), ink) +
		fmt.Sprintf(`<text x="%d" y="20" font-size="14" font-weight="bold">%s</text>`+"\n", chartMargin, html.EscapeString(title)) +
		s.String() + "</svg>\n"
}

// bars draws the ratios of a metric to the reference: for each scenario of the group a
// bar for each peer. It is empty if there are none.
func (r Results) bars(title, group string, m Metric) string {
	s := &svg{}
	y := 64.0
	s.legend(r.Peers, 42)
	const scaleEnd = 2.0 // bars of peers that are even worse are cut off
	width := float64(chartWidth - labelWidth - 3*chartMargin - 30)
	drawn := false
	for _, sc := range r.scenarios(group) {
		if math.IsNaN(r.Figure(sc.Name, r.Reference, m).Median) {
			continue
		}
		drawn = true
		s.text(labelWidth, y+float64(len(r.Peers)*barHeight)/2+4, "end", sc.Title)
		for i, p := range r.Peers {
			f := r.Figure(sc.Name, p.Name, m)
			if !math.IsNaN(f.Ratio) {
				length := min(f.Ratio, scaleEnd) / scaleEnd * width
				fmt.Fprintf(s, `<rect x="%d" y="%.0f" width="%.1f" height="%d" fill="%s"/>`+"\n", labelWidth+8, y, length, barHeight-2, colour(i))
				fmt.Fprintf(s, `<text x="%.0f" y="%.0f" font-size="9">%.2f</text>`+"\n", labelWidth+12+length, y+8, f.Ratio)
			}
			y += barHeight
		}
		y += 8
	}
	if !drawn {
		return ""
	}
	one := labelWidth + 8 + width/scaleEnd
	s.line(one, 52, one, y)
	s.height = int(y) + chartMargin
	return s.document(title)
}

// lines draws a metric against the size of the scenarios of a group: a line for each
// peer, on logarithmic axes. It is empty if there are fewer than two sizes.
func (r Results) lines(title, group, sizeTitle string, m Metric) string {
	scenarios := r.scenarios(group)
	var xs, ys []float64
	for _, sc := range scenarios {
		for _, p := range r.Peers {
			if v := r.Figure(sc.Name, p.Name, m).Median; v > 0 {
				xs, ys = append(xs, float64(sc.Size)), append(ys, v)
			}
		}
	}
	if len(xs) == 0 || slices.Min(xs) == slices.Max(xs) {
		return ""
	}
	s := &svg{height: 380}
	s.legend(r.Peers, 42)
	h := axis{slices.Min(xs), slices.Max(xs), 70, chartWidth - 2*chartMargin}
	v := axis{math.Pow(10, math.Floor(math.Log10(slices.Min(ys)))), math.Pow(10, math.Ceil(math.Log10(slices.Max(ys))+1e-9)), 330, 60}
	for tick := v.from; tick <= v.to*1.001; tick *= 10 {
		s.line(h.begin, v.at(tick), h.end, v.at(tick))
		s.text(h.begin-6, v.at(tick)+4, "end", fmt.Sprintf("%g", tick))
	}
	for _, sc := range scenarios {
		x := h.at(float64(sc.Size))
		s.line(x, v.begin, x, v.end)
		s.text(x, v.begin+16, "middle", fmt.Sprint(sc.Size))
	}
	s.text((h.begin+h.end)/2, v.begin+34, "middle", sizeTitle+"; upwards: "+m.Unit)
	for i, p := range r.Peers {
		var points []string
		for _, sc := range scenarios {
			if y := r.Figure(sc.Name, p.Name, m).Median; y > 0 {
				points = append(points, fmt.Sprintf("%.1f,%.1f", h.at(float64(sc.Size)), v.at(y)))
			}
		}
		fmt.Fprintf(s, `<polyline points="%s" fill="none" stroke="%s" stroke-width="2"/>`+"\n", strings.Join(points, " "), colour(i))
	}
	return s.document(title)
}

// axis is logarithmic: from stands at begin, and to at end.
type axis struct{ from, to, begin, end float64 }

func (a axis) at(v float64) float64 {
	return a.begin + math.Log(v/a.from)/math.Log(a.to/a.from)*(a.end-a.begin)
}
