//! The four pictures of the icon, drawn here so that every panel gets them in
//! its own size. Each has a shape of its own: who sees no colours sees the state.
//!
//! ```text
//!   ready  a disc with a check mark      paying   a card with its stripe
//!   attention  a triangle with a mark    stopped  an empty ring with a bar
//! ```

use super::menu::Light;

/// A picture: rows of pixels of four bytes, alpha, red, green, blue.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Pixels {
    /// Its width and its height.
    pub side: usize,
    /// Its pixels.
    pub argb: Vec<u8>,
}

/// The pictures are drawn on a grid of this many points a side.
const GRID: i64 = 1024;
/// Points looked at along each side of a pixel.
const FINE: i64 = 4;

type Colour = [u8; 3];
const WHITE: Colour = [255, 255, 255];
const GREEN: Colour = [30, 132, 73];
const BLUE: Colour = [31, 97, 201];
const AMBER: Colour = [214, 126, 0];
const GREY: Colour = [146, 150, 156];

/// The picture of a state.
pub fn pixels(light: Light, side: usize) -> Pixels {
    let wide = i64::try_from(side).unwrap_or(1).max(1);
    let mut argb = Vec::with_capacity(side * side * 4);
    for row in 0..wide {
        for column in 0..wide {
            argb.extend(pixel(light, column, row, wide));
        }
    }
    Pixels { side, argb }
}

/// The mean of the points that a pixel covers.
fn pixel(light: Light, column: i64, row: i64, wide: i64) -> [u8; 4] {
    let at = |pixel: i64, fine: i64| (pixel * FINE * 2 + fine * 2 + 1) * GRID / (wide * FINE * 2);
    let mut sum = [0_i64; 3];
    let mut seen = 0;
    for y in 0..FINE {
        for x in 0..FINE {
            if let Some(colour) = colour_at(light, at(column, x), at(row, y)) {
                seen += 1;
                sum.iter_mut().zip(colour).for_each(|(sum, part)| *sum += i64::from(part));
            }
        }
    }
    let byte = |value: i64| u8::try_from(value).unwrap_or(u8::MAX);
    let [red, green, blue] = sum.map(|sum| byte(sum / seen.max(1)));
    [byte(seen * 255 / (FINE * FINE)), red, green, blue]
}

fn colour_at(light: Light, x: i64, y: i64) -> Option<Colour> {
    match light {
        Light::Ready => {
            let mark = near_line((x, y), (290, 530), (450, 690), 62)
                || near_line((x, y), (450, 690), (740, 350), 62);
            in_disc(x, y, 490).then_some(if mark { WHITE } else { GREEN })
        }
        Light::Paying => {
            let stripe = (330..470).contains(&y);
            let number = (620..700).contains(&y) && (140..520).contains(&x);
            in_card(x, y).then_some(if stripe || number { WHITE } else { BLUE })
        }
        Light::Attention => {
            let mark = near_line((x, y), (512, 390), (512, 640), 58)
                || near_line((x, y), (512, 800), (512, 800), 66);
            in_triangle(x, y).then_some(if mark { WHITE } else { AMBER })
        }
        Light::Stopped => {
            let ring = in_disc(x, y, 490) && !in_disc(x, y, 350);
            let bar = near_line((x, y), (330, 512), (694, 512), 70);
            (ring || bar).then_some(GREY)
        }
    }
}

fn in_disc(x: i64, y: i64, radius: i64) -> bool {
    let (x, y) = (x - GRID / 2, y - GRID / 2);
    x * x + y * y <= radius * radius
}

fn in_card(x: i64, y: i64) -> bool {
    let (left, right, top, bottom, corner) = (30, 994, 190, 834, 110);
    let (inner_x, inner_y) =
        (x.clamp(left + corner, right - corner), y.clamp(top + corner, bottom - corner));
    let (x, y) = (x - inner_x, y - inner_y);
    x * x + y * y <= corner * corner
}

fn in_triangle(x: i64, y: i64) -> bool {
    let (top, bottom) = (40, 950);
    let half = (y - top) * 500 / (bottom - top);
    (top..=bottom).contains(&y) && (x - GRID / 2).abs() <= half
}

/// Whether a point is at most `reach` from the line between two others.
fn near_line(point: (i64, i64), from: (i64, i64), to: (i64, i64), reach: i64) -> bool {
    let (run, rise) = (to.0 - from.0, to.1 - from.1);
    let (x, y) = (point.0 - from.0, point.1 - from.1);
    let length = (run * run + rise * rise).max(1);
    let along = (x * run + y * rise).clamp(0, length);
    let (x, y) = (x - run * along / length, y - rise * along / length);
    x * x + y * y <= reach * reach
}

#[cfg(test)]
mod tests {
    use super::*;

    const ALL: [Light; 4] = [Light::Ready, Light::Paying, Light::Attention, Light::Stopped];

    #[test]
    fn the_states_differ_without_their_colours() {
        for side in [16, 22, 24, 32, 48, 64] {
            let shape = |light| -> Vec<bool> {
                let lit = |pixel: &[u8]| pixel[0] > 127 && pixel[1..] != WHITE;
                pixels(light, side).argb.chunks(4).map(lit).collect()
            };
            for (index, one) in ALL.into_iter().enumerate() {
                for other in &ALL[index + 1..] {
                    let pairs = shape(one).into_iter().zip(shape(*other));
                    let different = pairs.filter(|(one, other)| one != other).count();
                    assert!(different * 8 > side * side, "{one:?} {other:?} at {side}");
                }
            }
        }
    }

    #[test]
    fn a_picture_fills_its_square_and_leaves_the_corners_free() {
        for light in ALL {
            let picture = pixels(light, 32);
            assert_eq!(picture.argb.len(), 32 * 32 * 4);
            assert_eq!(picture.argb[0], 0, "{light:?}: the corner");
            let centre = (16 * 32 + 16) * 4;
            assert_eq!(picture.argb[centre], 255, "{light:?}: the centre");
        }
    }
}
