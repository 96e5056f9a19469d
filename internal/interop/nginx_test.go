package interop_test

import (
	"errors"
	"os"
)

// nginxModule returns the path of nginx's rtmp module.
func nginxModule() (string, error) {
	for _, path := range []string{"/usr/lib/nginx/modules/ngx_rtmp_module.so", "/usr/share/nginx/modules/ngx_rtmp_module.so"} {
		if _, err := os.Stat(path); err == nil {
			return path, nil
		}
	}
	return "", errors.New("no ngx_rtmp_module.so")
}

func glibTLS() bool { return true }
