package fileformat

// fileformat.md is law: its tables are compared with the constants, its worked example with what
// the encoders make. RUSTLITE_UPDATE=1 rewrites the examples.

import (
	"bytes"
	"errors"
	"os"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"testing/quick"

	"github.com/google/go-cmp/cmp"

	"github.com/rustlite/rustlite/fuzz/document"
)

const docPath = "../../fileformat.md"

var constants = map[string]int{
	"KindNone": int(KindNone), "KindFreeTrunk": int(KindFreeTrunk), "KindOverflow": int(KindOverflow),
	"KindIntLeaf": int(KindIntLeaf), "KindIntInterior": int(KindIntInterior), "KindByteLeaf": int(KindByteLeaf),
	"KindByteInterior": int(KindByteInterior), "KindHeader": int(KindHeader),

	"HeaderMagicOffset": HeaderMagicOffset, "HeaderVersionOffset": HeaderVersionOffset,
	"HeaderPageSizeOffset": HeaderPageSizeOffset, "HeaderDatabaseIDOffset": HeaderDatabaseIDOffset,
	"HeaderCompatibleOffset": HeaderCompatibleOffset, "HeaderReadOnlyOffset": HeaderReadOnlyOffset,
	"HeaderIncompatibleOffset": HeaderIncompatibleOffset, "HeaderReservedOffset": HeaderReservedOffset,
	"HeaderFixedSumOffset": HeaderFixedSumOffset, "HeaderCommitOffset": HeaderCommitOffset,
	"HeaderPageCountOffset": HeaderPageCountOffset, "HeaderFreeTrunkOffset": HeaderFreeTrunkOffset,
	"HeaderFreeCountOffset": HeaderFreeCountOffset, "HeaderSchemaCookieOffset": HeaderSchemaCookieOffset,
	"HeaderUserVersionOffset": HeaderUserVersionOffset, "HeaderApplicationIDOffset": HeaderApplicationIDOffset,
	"HeaderLogIDOffset": HeaderLogIDOffset, "HeaderSize": HeaderSize,

	"TrunkKindOffset": TrunkKindOffset, "TrunkNextOffset": TrunkNextOffset, "TrunkFirstOffset": TrunkFirstOffset,
	"TrunkCountOffset": TrunkCountOffset, "TrunkBitsOffset": TrunkBitsOffset,

	"SegmentMagicOffset": SegmentMagicOffset, "SegmentVersionOffset": SegmentVersionOffset,
	"SegmentPageSizeOffset": SegmentPageSizeOffset, "SegmentDatabaseIDOffset": SegmentDatabaseIDOffset,
	"SegmentLogIDOffset": SegmentLogIDOffset, "SegmentNumberOffset": SegmentNumberOffset,
	"SegmentReservedOffset": SegmentReservedOffset, "SegmentSaltOffset": SegmentSaltOffset,
	"SegmentFirstCommitOffset": SegmentFirstCommitOffset, "SegmentSumOffset": SegmentSumOffset,
	"SegmentHeaderSize": SegmentHeaderSize,

	"BatchMagicOffset": BatchMagicOffset, "BatchKindOffset": BatchKindOffset, "BatchReserved1Offset": BatchReserved1Offset,
	"BatchCommitOffset": BatchCommitOffset, "BatchSizeOffset": BatchSizeOffset, "BatchEntriesOffset": BatchEntriesOffset,
	"BatchOldestOffset": BatchOldestOffset, "BatchSyncedSegmentOffset": BatchSyncedSegmentOffset,
	"BatchNextOffset": BatchNextOffset, "BatchSyncedOffsetOffset": BatchSyncedOffsetOffset,
	"BatchLinkOffset": BatchLinkOffset, "BatchHeaderSumOffset": BatchHeaderSumOffset, "BatchHeaderSize": BatchHeaderSize,
	"BatchCommit": int(BatchCommit), "BatchMark": int(BatchMark),

	"EntryKindOffset": EntryKindOffset, "EntryFlagsOffset": EntryFlagsOffset, "EntryRangesOffset": EntryRangesOffset,
	"EntryPageOffset": EntryPageOffset, "EntrySizeOffset": EntrySizeOffset, "EntrySumOffset": EntrySumOffset,
	"EntryBaseOffset": EntryBaseOffset, "EntryHeaderSize": EntryHeaderSize,
	"EntryImage": int(EntryImage), "EntryDelta": int(EntryDelta), "EntryLogical": int(EntryLogical),
	"EntryNewPageHome": int(EntryNewPageHome), "EntryPrepared": int(EntryPrepared), "EntryCoordinator": int(EntryCoordinator),
	"EntryCounter": int(EntryCounter),

	"LockMagicOffset": LockMagicOffset, "LockVersionOffset": LockVersionOffset, "LockProcessIDOffset": LockProcessIDOffset,
	"LockReservedOffset": LockReservedOffset, "LockSlotsOffset": LockSlotsOffset, "LockFileSize": LockFileSize,
}

// Every constant above stands in a table of the document, with its value, and the other way round;
// sections 6 to 8 belong to btree and vm/record.
func TestTablesMatchConstants(t *testing.T) {
	document.Constants(t, docPath, []string{"3", "4", "5", "9", "10", "11", "13"}, constants)
}

// Rows of a table leave no gap: offset plus size is the next offset.
func TestTablesAreDense(t *testing.T) {
	doc, err := os.ReadFile(docPath)
	if err != nil {
		t.Fatal(err)
	}
	re := regexp.MustCompile(`^\| ([0-9]+) \| ([0-9]+) \|`)
	next := -1
	for i, line := range strings.Split(string(doc), "\n") {
		m := re.FindStringSubmatch(line)
		if m == nil {
			if !strings.HasPrefix(line, "|") {
				next = -1
			}
			continue
		}
		off, _ := strconv.Atoi(m[1])
		size, _ := strconv.Atoi(m[2])
		if next >= 0 && off != next {
			t.Errorf("line %d: offset %d, the row before ends at %d", i+1, off, next)
		}
		next = off + size
	}
}

func exampleHeader() []byte {
	page := make([]byte, 1024)
	f := FixedHeader{Version: FormatVersion, PageSize: 1024}
	for i := range f.ID {
		f.ID[i] = byte(i)
	}
	PutFixedHeader(page, f)
	PutHeader(page, Header{Commit: 5, PageCount: 2, SchemaCookie: 3, UserVersion: -1})
	SealPage(page, 1, 5)
	return page
}

func TestExampleHeader(t *testing.T) {
	page := exampleHeader()
	document.Example(t, docPath, "header", document.Dump(page))
	f, err := DecodeFixedHeader(page)
	if err != nil || f.PageSize != 1024 || f.ID[15] != 15 {
		t.Fatalf("%+v, %v", f, err)
	}
	h, err := DecodeHeader(page)
	if err != nil {
		t.Fatal(err)
	}
	if diff := cmp.Diff(Header{Commit: 5, PageCount: 2, SchemaCookie: 3, UserVersion: -1}, h); diff != "" {
		t.Fatal(diff)
	}
	if !VerifyPage(page, 1) || VerifyPage(page, 2) {
		t.Fatal("F4: the checksum belongs to the page's number")
	}
}

// No byte string makes a decoder panic, and every error is one of the three classes.
func TestDecodersOnForeignBytes(t *testing.T) {
	check := func(b []byte) bool {
		page := make([]byte, 1024)
		copy(page, b)
		for _, err := range []error{
			second(DecodeFixedHeader(b)), second(DecodeHeader(page)), second(DecodeTrunk(page, 3)),
		} {
			if err != nil && !errors.Is(err, ErrCorrupt) && !errors.Is(err, ErrNotADB) && !errors.Is(err, ErrNewerFormat) {
				return false
			}
		}
		if v, n := Uvarint(b); n > 0 && UvarintLen(v) != n {
			return false
		}
		return true
	}
	if err := quick.Check(check, nil); err != nil {
		t.Fatal(err)
	}
	for i := range 64 {
		page := exampleHeader()
		page[i] ^= 0x40
		if _, err := DecodeFixedHeader(page); err == nil {
			t.Errorf("a flipped bit in byte %d of the fixed header goes unnoticed", i)
		}
	}
}

func second[T any](_ T, err error) error { return err }

func TestUvarint(t *testing.T) {
	for _, v := range []uint64{0, 1, 127, 128, 16383, 16384, 1 << 31, 1<<63 - 1, 1 << 63, ^uint64(0)} {
		b := AppendUvarint(nil, v)
		got, n := Uvarint(append(b, 0xff))
		if got != v || n != len(b) || UvarintLen(v) != n {
			t.Errorf("%d: got %d in %d bytes of %d", v, got, n, len(b))
		}
		if _, n := Uvarint(b[:len(b)-1]); n != 0 {
			t.Errorf("%d: a cut varint is read", v)
		}
	}
	for _, b := range [][]byte{{0x80, 0x00}, bytes.Repeat([]byte{0xff}, 10), bytes.Repeat([]byte{0xff}, 11)} {
		if _, n := Uvarint(b); n != 0 {
			t.Errorf("% x is read", b)
		}
	}
}

func TestTrunk(t *testing.T) {
	page := make([]byte, 1024)
	want := Trunk{Next: 9, First: PageNo(TrunkSpan(1024)), Count: 4}
	PutTrunk(page, want)
	got, err := DecodeTrunk(page, 3)
	if err != nil {
		t.Fatal(err)
	}
	want.Bits = page[TrunkBitsOffset : 1024-PageTrailerSize]
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatal(diff)
	}
}

func BenchmarkSeal(b *testing.B) {
	page := make([]byte, 4096)
	for b.Loop() {
		SealPage(page, 1, 1)
	}
}
