package ast

import (
	"fmt"
	"reflect"
	"strings"
)

// Dump draws a tree, one field a line, without positions and without the texts that quote the source. Two
// trees with the same drawing mean the same. It is for tests and for people; it goes by reflection.
func Dump(n Node) string {
	var b strings.Builder
	dump(&b, reflect.ValueOf(n), "")
	return strings.TrimSuffix(b.String(), "\n")
}

// sourceFields are the fields that hold source text beside what it was parsed to.
var sourceFields = map[string]bool{
	"ResultColumn.Text": true, "ColumnCheck.Text": true, "ColumnDefault.Text": true, "TableCheck.Text": true,
	"AlterAddColumn.Text": true, "AlterColumnNotNull.Text": true, "AlterAddCheck.Text": true,
	"CreateTable.SchemaSQL": true, "CreateIndex.SchemaSQL": true, "CreateView.SchemaSQL": true,
	"CreateTrigger.SchemaSQL": true, "CreateVirtualTable.SchemaSQL": true,
}

// dump writes v, whose first line continues a line already begun, and whose further lines are indented.
func dump(b *strings.Builder, v reflect.Value, indent string) {
	for v.Kind() == reflect.Interface || v.Kind() == reflect.Pointer {
		if v.IsNil() {
			b.WriteString("nil\n")
			return
		}
		v = v.Elem()
	}
	switch v.Kind() {
	case reflect.Struct:
		dumpStruct(b, v, indent)
	case reflect.Slice:
		b.WriteString("\n")
		for i := range v.Len() {
			b.WriteString(indent + "- ")
			dump(b, v.Index(i), indent+"  ")
		}
	case reflect.String:
		fmt.Fprintf(b, "%q\n", v.String())
	default:
		if s, ok := v.Interface().(fmt.Stringer); ok {
			fmt.Fprintf(b, "%s\n", s)
			return
		}
		fmt.Fprintf(b, "%v\n", v.Interface())
	}
}

func dumpStruct(b *strings.Builder, v reflect.Value, indent string) {
	t := v.Type()
	if n, ok := v.Interface().(Name); ok {
		b.WriteString("Name " + n.Text)
		if n.Quote != 0 {
			fmt.Fprintf(b, " (quote %d)", n.Quote)
		}
		b.WriteString("\n")
		return
	}
	b.WriteString(t.Name() + "\n")
	for i := range t.NumField() {
		f := t.Field(i)
		if f.Anonymous || sourceFields[t.Name()+"."+f.Name] {
			continue
		}
		// Kinds and operators are shown even where they are zero.
		value := v.Field(i)
		enum := value.Kind() == reflect.Uint8 && (f.Name == "Op" || f.Name == "Kind")
		if value.IsZero() && !enum || value.Kind() == reflect.Slice && value.Len() == 0 {
			continue
		}
		b.WriteString(indent + "  " + f.Name + ": ")
		dump(b, value, indent+"    ")
	}
}
