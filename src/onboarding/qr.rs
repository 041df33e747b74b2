//! A link as a QR code.

use fast_qr::convert::Builder;
use fast_qr::convert::svg::SvgBuilder;
use fast_qr::{ECL, QRBuilder, QRCode};
use std::fmt::Write;

/// Light modules around the code; the standard wants four.
const MARGIN: usize = 4;
/// Black on white whatever the colours of the terminal: many readers do not
/// take a code that is light on dark.
const INK: &str = "\x1b[38;5;16;48;5;231m";
const PLAIN: &str = "\x1b[0m";

/// The code for a terminal: half blocks, two modules a character, in black on
/// white. Empty when the text is too long for any code (2 KB).
pub fn terminal(text: &str) -> String {
    let Some(code) = code(text) else { return String::new() };
    let dark = |x: usize, y: usize| {
        let inside = MARGIN..MARGIN + code.size;
        inside.contains(&x) && inside.contains(&y) && code[y - MARGIN][x - MARGIN].value()
    };
    let side = code.size + 2 * MARGIN;
    let mut drawn = String::new();
    for y in (0..side).step_by(2) {
        let line: String = (0..side)
            .map(|x| match (dark(x, y), dark(x, y + 1)) {
                (true, true) => '█',
                (true, false) => '▀',
                (false, true) => '▄',
                (false, false) => ' ',
            })
            .collect();
        let _ = writeln!(drawn, "{INK}{line}{PLAIN}");
    }
    drawn
}

/// The code as an SVG picture, black on white with its margin. Empty when the
/// text is too long for any code.
pub fn svg(text: &str) -> String {
    code(text).map_or_else(String::new, |code| SvgBuilder::default().margin(MARGIN).to_str(&code))
}

fn code(text: &str) -> Option<QRCode> {
    QRBuilder::new(text).ecl(ECL::M).build().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    const LINK: &str = "http://192.168.1.20:9480/o/0123456789abcdef0123456789abcdef/";

    /// What a reader of QR codes sees in a picture of dark and light modules.
    fn read(side: usize, dark: impl Fn(usize, usize) -> bool) -> String {
        const SCALE: usize = 4;
        let mut picture =
            rqrr::PreparedImage::prepare_from_greyscale(side * SCALE, side * SCALE, |x, y| {
                if dark(x / SCALE, y / SCALE) { 0 } else { 255 }
            });
        let grids = picture.detect_grids();
        assert_eq!(grids.len(), 1);
        grids[0].decode().unwrap().1
    }

    #[test]
    fn a_reader_reads_the_terminal() {
        let drawn = terminal(LINK);
        let lines: Vec<Vec<char>> = drawn
            .lines()
            .map(|line| {
                line.strip_prefix(INK).unwrap().strip_suffix(PLAIN).unwrap().chars().collect()
            })
            .collect();
        let dark = |x: usize, y: usize| match lines[y / 2][x] {
            '█' => true,
            '▀' => y.is_multiple_of(2),
            '▄' => !y.is_multiple_of(2),
            _ => false,
        };
        assert!(lines[0].len() <= 80, "{} columns", lines[0].len());
        assert_eq!(read(lines[0].len(), dark), LINK);
    }

    #[test]
    fn what_is_too_long_for_a_code_gives_none() {
        let long = "a".repeat(5000);
        assert_eq!((terminal(&long), svg(&long)), (String::new(), String::new()));
    }
}
