package jsonrpc
