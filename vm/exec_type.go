package vm

import "github.com/rustlite/rustlite/vm/value"

// codeDatatype is SQLITE_CONSTRAINT_DATATYPE.
const codeDatatype = 3091

// typeCheck executes TypeCheck.
func (m *Machine) typeCheck(in *Instr) error {
	t := m.prog.Tables[in.P4]
	for k := range in.P2 {
		i, v := k, &m.regs[in.P1+k]
		if in.P3 >= 2 {
			i = in.P3 - 2
		}
		if in.P3 == 1 && t.Generated[i] || hasType(v, t.Types[i]) {
			continue
		}
		return &Error{Action: ActionAbort, Info: &ErrorInfo{
			Code: codeDatatype, Table: t.Name, Columns: []string{t.Columns[i]},
			Text: "cannot store " + typeName(v) + " value in " + t.Types[i] + " column " + t.Name + "." + t.Columns[i],
		}}
	}
	return nil
}

// hasType reports whether a STRICT column of that type may hold v, to which
// the column's affinity was applied.
func hasType(v *value.Value, typ string) bool {
	switch k := v.Kind(); typ {
	case "INT", "INTEGER":
		return k == value.Int || k == value.Null
	case "REAL":
		return k == value.Real || k == value.Null
	case "TEXT":
		return k == value.Text || k == value.Null
	case "BLOB":
		return k == value.Blob || k == value.Null
	default:
		return true
	}
}

func typeName(v *value.Value) string {
	switch v.Kind() {
	case value.Int:
		return "INT"
	case value.Real:
		return "REAL"
	case value.Text:
		return "TEXT"
	case value.Blob:
		return "BLOB"
	default:
		return "NULL"
	}
}
