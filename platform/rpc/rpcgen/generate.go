package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"

	"github.com/bufbuild/protocompile"
	"google.golang.org/protobuf/proto"
	"google.golang.org/protobuf/reflect/protodesc"
	"google.golang.org/protobuf/types/descriptorpb"
	"google.golang.org/protobuf/types/pluginpb"
)

// generators are tools of this module that speak protoc's language.
var generators = []string{"protoc-gen-go", "protoc-gen-go-grpc"}

// generate returns the code of every .proto beneath root, by path. None of them imports another.
func generate(ctx context.Context, root string) (map[string]string, error) {
	names, err := protos(root)
	if err != nil {
		return nil, err
	}
	compiler := protocompile.Compiler{
		Resolver:       &protocompile.SourceResolver{ImportPaths: []string{root}},
		SourceInfoMode: protocompile.SourceInfoStandard, // comments
	}
	files, err := compiler.Compile(ctx, names...)
	if err != nil {
		return nil, err
	}
	var described []*descriptorpb.FileDescriptorProto
	for _, file := range files {
		described = append(described, protodesc.ToFileDescriptorProto(file))
	}
	request, err := proto.Marshal(&pluginpb.CodeGeneratorRequest{
		FileToGenerate: names, ProtoFile: described, Parameter: proto.String("paths=source_relative"),
	})
	if err != nil {
		return nil, err
	}
	generated := map[string]string{}
	for _, generator := range generators {
		if err := ask(ctx, generator, request, generated); err != nil {
			return nil, fmt.Errorf("%s: %w", generator, err)
		}
	}
	return generated, nil
}

// ask has a generator add its files.
func ask(ctx context.Context, generator string, request []byte, generated map[string]string) error {
	tool := exec.CommandContext(ctx, "go", "tool", generator)
	tool.Stdin, tool.Stderr = bytes.NewReader(request), os.Stderr
	out, err := tool.Output()
	if err != nil {
		return err
	}
	var response pluginpb.CodeGeneratorResponse
	if err := proto.Unmarshal(out, &response); err != nil {
		return err
	}
	if response.Error != nil {
		return errors.New(response.GetError())
	}
	for _, file := range response.File {
		generated[file.GetName()] = file.GetContent()
	}
	return nil
}
