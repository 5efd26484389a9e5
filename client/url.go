package client

import (
	"errors"
	"fmt"
	"maps"
	"net/url"
	"slices"
	"strings"
)

// maxURL is the longest URL that is accepted, as the official client does.
const maxURL = 8000

// parseURL splits what the user calls the URL: the path is the namespace, and not
// where the server is mounted. The rest becomes the URL of the server.
func parseURL(text string, o *Options) (server *url.URL, namespace string, err error) {
	if len(text) > maxURL {
		return nil, "", fmt.Errorf("the URL is longer than %d bytes", maxURL)
	}
	u, err := url.Parse(text)
	if err != nil {
		if e, ok := errors.AsType[*url.Error](err); ok {
			err = e.Err // without the URL, which may hold a password
		}
		return nil, "", fmt.Errorf("parse the URL: %w", err)
	}
	switch u.Scheme {
	case "http", "ws":
		u.Scheme = "http"
	case "https", "wss":
		u.Scheme = "https"
	default:
		return nil, "", fmt.Errorf("the URL must begin with http://, https://, ws:// or wss://, not with %q", u.Scheme)
	}
	if u.Hostname() == "" {
		return nil, "", errors.New("the URL has no host")
	}
	namespace = normalNamespace(u.Path)
	if strings.Contains(namespace, ",") {
		return nil, "", errors.New("the namespace contains a comma")
	}
	u.Path, u.RawPath = "/"+strings.Trim(o.Path, "/"), ""
	if !o.NoTrailingSlash && u.Path != "/" {
		u.Path += "/"
	}
	u.Fragment, u.RawFragment = "", ""
	for _, name := range slices.Sorted(maps.Keys(o.Query)) {
		if u.RawQuery != "" {
			u.RawQuery += "&"
		}
		u.RawQuery += url.QueryEscape(name) + "=" + url.QueryEscape(o.Query[name])
	}
	return u, namespace, nil
}
