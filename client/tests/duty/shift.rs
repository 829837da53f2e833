//! The shift: everything that an officer, a director and whoever hangs the wall did in the night that this desk was
//! mended after.

use super::hands::{Hands, Look};
use super::seat::Seat;
use super::server::{Server, root};
use super::{acts, beside, worlds};

/// Drives it.
pub fn drive(look: &Look) {
    let mut server = Server::start("shift", root().join("data/nanjing"));
    server.start_city();
    let mut other = Seat::at(server.port, "陈默");
    let mut hands = Hands::start(&server.url(), "周岚", look, &[]);
    hands.until("the city", |h| {
        let mirror = &h.city().mirror;
        let placed = mirror
            .units
            .keys()
            .filter(|u| mirror.mover_of_unit(**u).is_some())
            .count();
        h.city().is_ready() && mirror.cases.len() >= 30 && placed > 10 && !mirror.sensors.is_empty()
    });
    hands.rest();
    is_drawn(&mut hands);
    hands.picture("live");
    let flood = acts::severe_report(&mut hands, &mut other);
    acts::send_and_send_again(&mut hands, flood);
    acts::taken_under_the_hand(&mut hands, &mut other);
    acts::bundle(&mut hands, &mut other);
    acts::mark_by_box(&mut hands, &mut other);
    acts::void(&mut hands, &mut other);
    acts::alarms(&mut hands);
    beside::menus(&mut hands, &mut other);
    acts::arrive_and_check(&mut hands, &mut other, flood);
    worlds::replay(&mut hands, &mut other);
    worlds::fork(&mut hands, &mut other);
    worlds::direct(&mut hands, &mut other);
    worlds::take_part(&mut hands, &other);
    beside::wall_and_lost(&mut hands, &mut server, other);
}

/// The map is on the screen beside the panels: many colours, in the middle too.
fn is_drawn(hands: &mut Hands) {
    let picture = hands
        .draw()
        .try_into_dynamic()
        .expect("a picture")
        .to_rgb8();
    let (w, h) = picture.dimensions();
    let middle = (h / 4..h * 3 / 4).flat_map(|y| (w / 2..w * 3 / 4).map(move |x| (x, y)));
    let colors: std::collections::BTreeSet<_> =
        middle.map(|(x, y)| picture.get_pixel(x, y).0).collect();
    assert!(
        colors.len() > 200,
        "{} colours in the middle of the map",
        colors.len()
    );
}
