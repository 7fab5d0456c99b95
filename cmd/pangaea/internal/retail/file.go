package retail

import (
	"bufio"
	"bytes"
	"compress/gzip"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
)

// A File has been looked over: it can be read to its end, is within bounds and has a known encoding.
type File struct {
	Path     string   `json:"path"`
	Hash     string   `json:"sha256"` // of the unpacked content
	Encoding Encoding `json:"encoding"`
	Bytes    int64    `json:"bytes"` // unpacked
	Lines    int      `json:"lines"` // of sales, without the header; known once it is read
}

// survey reads a file once from end to end. Its second reading, line by line, then knows the encoding.
func survey(ctx context.Context, path string, options Options) (File, error) {
	content, err := open(path, options.MaxBytes)
	if err != nil {
		return File{}, err
	}
	defer func() { _ = content.Close() }() // it was only read

	file, hash, check := File{Path: path}, sha256.New(), utf8Check{}
	buffer := make([]byte, 128<<10)
	for {
		n, err := content.Read(buffer)
		if file.Bytes == 0 && isUTF16(buffer[:n]) {
			return File{}, fmt.Errorf("%s is UTF-16: save it as UTF-8 or Latin-1", path)
		}
		file.Bytes += int64(n)
		hash.Write(buffer[:n])
		check.write(buffer[:n])
		if errors.Is(err, io.EOF) {
			break
		}
		if err := errors.Join(err, ctx.Err()); err != nil {
			return File{}, fmt.Errorf("read %s at byte %d: %w", path, file.Bytes, err)
		}
	}
	if file.Bytes == 0 {
		return File{}, fmt.Errorf("%s is empty", path)
	}
	file.Hash = hex.EncodeToString(hash.Sum(nil))
	file.Encoding = options.Encoding.or(check.valid())
	return file, nil
}

// open returns a file's content, unpacked if it is gzip, and an error once it is longer than limit.
func open(path string, limit int64) (io.ReadCloser, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	if info, err := file.Stat(); err != nil || !info.Mode().IsRegular() {
		return nil, errors.Join(fmt.Errorf("%s is not a regular file", path), err, file.Close())
	}
	buffered := bufio.NewReaderSize(file, 64<<10)
	var content io.Reader = buffered
	if magic, _ := buffered.Peek(2); bytes.Equal(magic, []byte{0x1f, 0x8b}) {
		if content, err = gzip.NewReader(buffered); err != nil {
			return nil, errors.Join(fmt.Errorf("unpack %s: %w", path, err), file.Close())
		}
	}
	return struct {
		io.Reader
		io.Closer
	}{&bounded{content, limit, limit}, file}, nil
}

// bounded fails as soon as it has read more than its limit: what gzip bombs run into.
type bounded struct {
	content     io.Reader
	left, limit int64
}

func (b *bounded) Read(p []byte) (int, error) {
	n, err := b.content.Read(p)
	if b.left -= int64(n); b.left < 0 {
		return 0, fmt.Errorf("the content is longer than %d bytes: split it or raise --max-bytes", b.limit)
	}
	return n, err
}
