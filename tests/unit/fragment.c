/*
 * fragment.c - the wire format of handshake fragments, which lib/message/reassembly.c parses.
 */
#include "common.h"
#include "message/reassembly.h"

TEST(fragments_that_fit_and_that_do_not)
{
    static const struct {
        const char *hex; /* the header of the fragment and its body */
        bool fits;
        uint32_t length, offset, frag_length;
    } rows[] = {
        {"0e 000000 0002 000000 000000", true, 0, 0, 0},
        {"01 000003 0000 000000 000003 aabbcc", true, 3, 0, 3},
        {"01 000003 0000 000001 000002 bbcc", true, 3, 1, 2},
        {"01 000003 0000 000003 000000", true, 3, 3, 0},
        {"01 ffffff 0000 fffffe 000001 aa", true, 0xffffff, 0xfffffe, 1},
        {"01 000003 0000 000002 000002 ccdd", false, 0, 0, 0},
        {"01 000003 0000 000004 000000", false, 0, 0, 0},
        {"01 000003 0000 ffffff 000001 aa", false, 0, 0, 0},
        {"01 ffffff 0000 ffffff 000001 aa", false, 0, 0, 0},
        {"01 000003 0000 000000 000004 aabbccdd", false, 0, 0, 0},
        {"01 000003 0000 000000 000003 aabb", false, 0, 0, 0}, /* past the end of the record */
        {"01 000003 0000 000000 ffffff aabb", false, 0, 0, 0},
        {"01 000003 0000 000000 0000", false, 0, 0, 0},
        {"01", false, 0, 0, 0},
        {"", false, 0, 0, 0},
    };
    for (size_t i = 0; i < COUNT(rows); i++) {
        uint8_t bytes[64];
        fragment_t fragment;
        reader_t r = reader(bytes, UNHEX(rows[i].hex, bytes));
        NOTE("row %zu", i);
        CHECK_EQ(parse_fragment(&r, &fragment), rows[i].fits);
        if (!rows[i].fits)
            continue;
        CHECK_EQ(fragment.type, bytes[0]);
        CHECK_EQ(fragment.seq, bytes[5]);
        CHECK_EQ(fragment.length, rows[i].length);
        CHECK_EQ(fragment.offset, rows[i].offset);
        CHECK_EQ(fragment.frag_length, rows[i].frag_length);
        CHECK_EQ(fragment_is_whole(&fragment), rows[i].frag_length == rows[i].length);
        CHECK(reader_done(&r));
    }
}

TEST(the_header_of_a_whole_message)
{
    uint8_t bytes[MESSAGE_HEADER], expected[MESSAGE_HEADER];
    writer_t w = writer(bytes, sizeof bytes);
    put_message_header(&w, 20, 0x01020c, 0x1234);
    UNHEX("14 01020c 1234 000000 01020c", expected);
    CHECK_EQ(writer_length(&w), sizeof expected);
    CHECK_MEM(bytes, expected, sizeof expected);
}
