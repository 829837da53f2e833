use bevy::color::{Color, ColorToPacked, LinearRgba, Srgba};

/// A colour in sRGB, eight bits a channel, straight alpha.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, Default)]
pub struct Rgba8(pub [u8; 4]);

impl Rgba8 {
    /// Reads `#RGB`, `#RRGGBB` or `#RRGGBBAA`; `None` when it is anything else.
    pub fn from_hex(text: &str) -> Option<Self> {
        let hex = text.strip_prefix('#')?;
        if !hex.is_ascii() {
            return None;
        }
        let pair = |i: usize| u8::from_str_radix(hex.get(i..i + 2)?, 16).ok();
        let one = |i: usize| Some(u8::from_str_radix(hex.get(i..=i)?, 16).ok()? * 17);
        match hex.len() {
            3 => Some(Self([one(0)?, one(1)?, one(2)?, 255])),
            6 => Some(Self([pair(0)?, pair(2)?, pair(4)?, 255])),
            8 => Some(Self([pair(0)?, pair(2)?, pair(4)?, pair(6)?])),
            _ => None,
        }
    }

    /// The channels 0 … 1, still sRGB-encoded: what the map's shaders blend in.
    pub fn srgb(self) -> [f32; 4] {
        self.0.map(|v| f32::from(v) / 255.0)
    }

    /// The same colour with linear channels: what Bevy calculates in.
    pub fn linear(self) -> LinearRgba {
        LinearRgba::from(Srgba::from_u8_array(self.0))
    }

    /// The same colour with its alpha replaced, 0 … 1.
    #[must_use]
    pub fn with_alpha(self, alpha: f32) -> Self {
        let [r, g, b, _] = self.0;
        Self([r, g, b, (alpha.clamp(0.0, 1.0) * 255.0).round() as u8])
    }
}

impl From<Rgba8> for Color {
    fn from(value: Rgba8) -> Self {
        Color::Srgba(Srgba::from_u8_array(value.0))
    }
}

impl From<Rgba8> for [u8; 4] {
    fn from(value: Rgba8) -> Self {
        value.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hex_forms() {
        assert_eq!(
            Rgba8::from_hex("#3E7EFD"),
            Some(Rgba8([0x3e, 0x7e, 0xfd, 255]))
        );
        assert_eq!(Rgba8::from_hex("#00000061"), Some(Rgba8([0, 0, 0, 0x61])));
        assert_eq!(Rgba8::from_hex("#fff"), Some(Rgba8([255; 4])));
        for bad in ["3E7EFD", "#3E7EF", "#GG0000", "", "#", "#图图"] {
            assert_eq!(Rgba8::from_hex(bad), None, "{bad}");
        }
    }
}
