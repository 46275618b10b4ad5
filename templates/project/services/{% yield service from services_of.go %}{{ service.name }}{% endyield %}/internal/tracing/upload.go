package tracing

import (
	"bytes"
	"context"
	"fmt"
	"net/http"

	tracepb "go.opentelemetry.io/proto/otlp/trace/v1"
	"google.golang.org/protobuf/proto"
)

// uploader sends spans by OTLP over HTTP. The ready-made exporter (otlptracehttp) brings all of gRPC along, a fifth of
// the image, and reads whatever a receiver answers.
type uploader struct {
	config Config
	client http.Client
}

func newUploader(config Config) *uploader {
	return &uploader{config: config, client: http.Client{Timeout: config.Timeout}}
}

func (u *uploader) Start(context.Context) error { return nil }

func (u *uploader) Stop(context.Context) error { return nil }

// UploadTraces sends a batch. The body of the answer stays unread: the status says enough, and a body may have no end.
func (u *uploader) UploadTraces(ctx context.Context, spans []*tracepb.ResourceSpans) error {
	// Has the same encoding as an ExportTraceServiceRequest, whose package is the one that needs gRPC.
	body, err := proto.Marshal(&tracepb.TracesData{ResourceSpans: spans})
	if err != nil {
		return err
	}
	request, err := http.NewRequestWithContext(ctx, http.MethodPost, u.config.Endpoint+"/v1/traces", bytes.NewReader(body))
	if err != nil {
		return err
	}
	for name, value := range u.config.Headers {
		request.Header.Set(name, value)
	}
	request.Header.Set("Content-Type", "application/x-protobuf")
	response, err := u.client.Do(request)
	if err != nil {
		return err
	}
	_ = response.Body.Close()
	if response.StatusCode >= http.StatusMultipleChoices {
		return fmt.Errorf("the receiver answers %s", response.Status)
	}
	return nil
}
