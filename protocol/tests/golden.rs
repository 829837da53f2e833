//! Every message, every variant inside it, with and without what may be left out: the bytes of version 1, for ever.
//!
//! One sample a line: the binary encoding in hexadecimal, a tab, the JSON. Written once, by the program of before this
//! crate; where a line differs, clients that are out there no longer understand.

use chengtu_protocol::{
    DecodeError, Encoding, decode_client, decode_server, encode_client, encode_server,
};

fn samples(text: &str) -> impl Iterator<Item = (&str, &str)> {
    text.lines()
        .map(|line| line.split_once('\t').expect("two columns"))
}

fn bytes(hex: &str) -> Vec<u8> {
    hex.as_bytes()
        .chunks(2)
        .map(|two| {
            let two = std::str::from_utf8(two).expect("ASCII");
            u8::from_str_radix(two, 16).expect("hexadecimal")
        })
        .collect()
}

fn text(bytes: Vec<u8>) -> String {
    String::from_utf8(bytes).expect("UTF-8")
}

#[test]
fn what_clients_say_is_written_as_ever() {
    let mut count = 0;
    for (hex, json) in samples(include_str!("golden/v1-client.txt")) {
        let binary = bytes(hex);
        let message = decode_client(Encoding::Binary, &binary).expect(json);
        assert_eq!(encode_client(Encoding::Binary, &message), binary, "{json}");
        assert_eq!(text(encode_client(Encoding::Json, &message)), json);
        assert_eq!(
            decode_client(Encoding::Json, json.as_bytes()).expect(json),
            message
        );
        count += 1;
    }
    assert!(count > 60, "{count} samples");
}

#[test]
fn what_may_be_left_out_in_json_may_still_be() {
    let mut count = [0, 0];
    for (hex, json) in samples(include_str!("golden/v1-client-partial.txt")) {
        let read = decode_client(Encoding::Json, json.as_bytes());
        if hex == "refused" {
            assert!(matches!(read, Err(DecodeError::Json(_))), "{json}");
            count[0] += 1;
        } else {
            let message = read.expect(json);
            assert_eq!(
                encode_client(Encoding::Binary, &message),
                bytes(hex),
                "{json}"
            );
            count[1] += 1;
        }
    }
    assert!(count[0] > 40 && count[1] > 10, "{count:?} samples");
}

#[test]
fn what_the_server_says_is_written_as_ever() {
    let mut count = 0;
    for (hex, json) in samples(include_str!("golden/v1-server.txt")) {
        let binary = bytes(hex);
        let message = decode_server(Encoding::Binary, &binary).expect(json);
        assert_eq!(encode_server(Encoding::Binary, &message), binary, "{json}");
        assert_eq!(text(encode_server(Encoding::Json, &message)), json);
        count += 1;
    }
    assert!(count > 80, "{count} samples");
}
