package btree

import (
	"testing"

	"github.com/rustlite/rustlite/fuzz/document"
)

// Goal: sections 6 and 7 of fileformat.md say what this package does.

const docPath = "../fileformat.md"

func TestTablesMatchConstants(t *testing.T) {
	document.Constants(t, docPath, []string{"6", "7"}, map[string]int{
		"ovfKind": ovfKind, "ovfFirst": ovfFirst, "ovfUsed": ovfUsed, "ovfLen": ovfLen, "ovfNext": ovfNext,
		"ovfIndex": ovfIndex, "overflowHeader": overflowHeader,
		"offKind": offKind, "offLevel": offLevel, "offFlags": offFlags, "offRun": offRun, "offN": offN, "offCap": offCap,
		"offStart": offStart, "offGarbage": offGarbage, "offLast": offLast, "offPrefix": offPrefix, "offCount": offCount,
		"offBase": offBase, "offLow": offLow, "offHigh": offHigh, "headerSize": headerSize,
		"flagWide": flagWide, "flagPlain": flagPlain, "flagNoLow": flagNoLow, "flagNoHigh": flagNoHigh,
		"flagLowCut": flagLowCut, "flagHighCut": flagHighCut,
	})
}

func TestExampleLeaves(t *testing.T) {
	ints := &story{t: t, tx: writeTx(t, 1024), kind: IntKey}
	bytes := &story{t: t, tx: writeTx(t, 1024), kind: ByteKey}
	for _, s := range []*story{ints, bytes} {
		var err error
		s.root, err = Create(s.tx, s.kind)
		must(t, err)
		must(t, s.c.Open(s.tx, s.root, s.kind, nil))
	}
	for key := range int64(3) {
		must(t, ints.c.InsertInt(key+1, []byte("a")))
	}
	for _, key := range []string{"apple", "banana", "cherry"} {
		must(t, bytes.c.Insert([]byte(key), []byte("fruit")))
	}
	document.Example(t, docPath, "int leaf", ints.dump(ints.root))
	document.Example(t, docPath, "byte leaf", bytes.dump(bytes.root))
}
