//! Coordinates as people type and paste them: degrees with decimals, or with minutes and seconds, in either order.

use chengtu_engine::geo::LonLat;

/// One of the two numbers: degrees, and which way where that was said.
#[derive(Clone, Copy, Debug, Default, PartialEq)]
struct Angle {
    degrees: f64,
    axis: Option<Axis>,
    /// A mere number: without decimals, sign of degrees or direction.
    plain: bool,
}

#[derive(Clone, Copy, Debug, PartialEq)]
enum Axis {
    Lon,
    Lat,
}

/// The places that a text may mean: none where it is not two coordinates, both orders where nothing tells which is
/// which, the one nearer to `about` first.
///
/// Longitude first or latitude first; commas, blanks or slashes between; `°′″`, `度分秒`; N, S, E, W or 北纬, 南纬, 东经,
/// 西经 before or after.
pub fn read(text: &str, about: LonLat) -> Vec<LonLat> {
    let Some([a, b]) = angles(text) else {
        return Vec::new();
    };
    if a.plain || b.plain {
        return Vec::new();
    }
    let place = |lon: f64, lat: f64| {
        (lon.abs() <= 180.0 && lat.abs() <= 85.0).then(|| LonLat::new(lon, lat))
    };
    let (first_lon, first_lat) = (place(a.degrees, b.degrees), place(b.degrees, a.degrees));
    let mut places: Vec<LonLat> = match (a.axis, b.axis) {
        (Some(Axis::Lon), Some(Axis::Lat)) => first_lon.into_iter().collect(),
        (Some(Axis::Lat), Some(Axis::Lon)) => first_lat.into_iter().collect(),
        (None, None) => first_lon.into_iter().chain(first_lat).collect(),
        _ => Vec::new(),
    };
    let far = |p: &LonLat| (p.lon_deg - about.lon_deg).hypot(p.lat_deg - about.lat_deg);
    places.sort_by(|p, q| far(p).total_cmp(&far(q)));
    places
}

/// The two numbers of a text; none where there are more or fewer, or anything else beside them.
fn angles(text: &str) -> Option<[Angle; 2]> {
    let mut found: Vec<Angle> = Vec::new();
    let mut said: Option<(Axis, f64)> = None;
    let mut rest = text.trim();
    while let Some(c) = rest.chars().next() {
        if c.is_ascii_digit() || c == '-' || c == '−' {
            let (number, decimals, after) = number(rest)?;
            rest = after.trim_start_matches(' ');
            let mark = rest.chars().next().filter(|c| !c.is_ascii_digit());
            match mark {
                Some('′' | '\'' | '’' | '分') => add(&mut found, number / 60.0)?,
                Some('″' | '"' | '”' | '秒') => add(&mut found, number / 3_600.0)?,
                _ => {
                    let degrees = matches!(mark, Some('°' | 'º' | '度'));
                    let mut angle = Angle {
                        degrees: number,
                        axis: None,
                        plain: !degrees && !decimals && said.is_none(),
                    };
                    if let Some((axis, sign)) = said.take() {
                        angle = turned(angle, axis, sign);
                    }
                    found.push(angle);
                }
            }
            let is_mark = |c: char| "′'’分″\"”秒°º度".contains(c);
            if mark.is_some_and(is_mark) {
                rest = &rest[mark.map_or(0, char::len_utf8)..];
            }
            continue;
        }
        rest = &rest[c.len_utf8()..];
        let way = match c.to_ascii_uppercase() {
            'N' | '北' => Some((Axis::Lat, 1.0)),
            'S' | '南' => Some((Axis::Lat, -1.0)),
            'E' | '东' => Some((Axis::Lon, 1.0)),
            'W' | '西' => Some((Axis::Lon, -1.0)),
            ' ' | ',' | '，' | ';' | '；' | '/' | '、' | '(' | ')' | '（' | '）' | '纬' | '经' => {
                None
            }
            _ => return None,
        };
        let Some((axis, sign)) = way else { continue };
        match found.last_mut() {
            // Behind a number that has no direction yet, unless directions stand in front.
            Some(last) if last.axis.is_none() && said.is_none() => {
                *last = turned(*last, axis, sign);
            }
            _ => said = Some((axis, sign)),
        }
    }
    found.try_into().ok().filter(|_| said.is_none())
}

fn turned(angle: Angle, axis: Axis, sign: f64) -> Angle {
    Angle {
        degrees: angle.degrees * sign,
        axis: Some(axis),
        plain: false,
    }
}

/// Adds minutes or seconds to the last number.
fn add(found: &mut [Angle], part: f64) -> Option<()> {
    let last = found.last_mut()?;
    last.degrees += part.copysign(last.degrees);
    last.plain = false;
    Some(())
}

/// A number at the beginning of a text, whether it has decimals, and what follows.
fn number(text: &str) -> Option<(f64, bool, &str)> {
    let digits = |c: char| c.is_ascii_digit() || c == '.';
    let unsigned = text.trim_start_matches(['-', '−']);
    let end = unsigned.find(|c| !digits(c)).unwrap_or(unsigned.len());
    let number: f64 = unsigned[..end].parse().ok()?;
    let sign = if unsigned.len() < text.len() {
        -1.0
    } else {
        1.0
    };
    let decimals = unsigned[..end].contains('.');
    Some((sign * number, decimals, &unsigned[end..]))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn check(text: &str, expected: &[(f64, f64)]) {
        let found = read(text, LonLat::new(118.79, 32.05));
        let near = |p: &LonLat, e: &(f64, f64)| {
            (p.lon_deg - e.0).abs() < 1e-6 && (p.lat_deg - e.1).abs() < 1e-6
        };
        let same =
            found.len() == expected.len() && found.iter().zip(expected).all(|(p, e)| near(p, e));
        assert!(same, "{text}: {found:?}");
    }

    #[test]
    fn coordinates_are_read_in_either_order_and_in_many_ways_of_writing() {
        let place = [(118.785, 32.044)];
        for text in [
            "118.785,32.044",
            "32.044 118.785",
            " 118.785，32.044 ",
            "(32.044, 118.785)",
            "32.044°N 118.785°E",
            "N32.044 E118.785",
            "北纬32.044，东经118.785",
            "东经118.785度 北纬32.044度",
            "118.785° 32.044°",
        ] {
            check(text, &place);
        }
        let exact = [(
            118.0 + 47.0 / 60.0 + 6.0 / 3_600.0,
            32.0 + 2.0 / 60.0 + 38.4 / 3_600.0,
        )];
        check("32°02′38.4″N 118°47′06″E", &exact);
        check("118度47分6秒 32度2分38.4秒", &exact);
        check("32° 2' 38.4\" N, 118° 47' 6\" E", &exact);
        check("0.1278 W 51.5074 N", &[(-0.1278, 51.5074)]);
        // Either order may be meant: the one nearer to the city comes first.
        check("10.5, 20.25", &[(20.25, 10.5), (10.5, 20.25)]);
    }

    #[test]
    fn what_is_no_coordinates_is_none() {
        for text in [
            "",
            "珠江路",
            "118.785",
            "排水 10",
            "12 34",
            "118.785 32.044 7.5",
            "95.5 99.5 N",
            "N S",
            "#417",
            "东 1.5 西 2.5 北",
            "200.5, 100.5",
        ] {
            check(text, &[]);
        }
    }
}
