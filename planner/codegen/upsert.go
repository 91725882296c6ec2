package codegen

type upserts struct{}

type returning struct{}
