package client

import (
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"os"
	"syscall"
)

var (
	errTooLarge = fmt.Errorf("an answer of more than %d bytes", maxAnswer)

	errTimeout = errors.New("no answer in time")
	errLost    = errors.New("the connection is lost")
	errRefused = errors.New("the connection is refused")
	errUnknown = errors.New("the name is unknown")
	errOther   = errors.New("the request failed")
)

// faultOf says why there is no answer, without the addresses that an error of the net package names.
func faultOf(err error) error {
	var name *net.DNSError
	switch {
	case errors.Is(err, errTooLarge):
		return errTooLarge
	case errors.Is(err, context.DeadlineExceeded), errors.Is(err, os.ErrDeadlineExceeded):
		return errTimeout
	case errors.As(err, &name):
		return errUnknown
	case errors.Is(err, syscall.ECONNREFUSED):
		return errRefused
	case errors.Is(err, io.EOF), errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, syscall.ECONNRESET), errors.Is(err, syscall.EPIPE):
		return errLost
	}
	return errOther
}
