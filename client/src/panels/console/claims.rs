use super::KeyOwner;
use bevy::prelude::Resource;
use bevy_egui::egui::{Context, Id, Order, Rect, Vec2, pos2};
use chengtu_engine::record::World;

/// What panels need of the screen and of the keyboard, said anew before each frame is laid out.
#[derive(Resource, Clone, Debug, Default, PartialEq)]
pub struct Claims {
    /// The right panel has something to show.
    pub detail: bool,
    /// Height of the time bar, logical pixels: the largest that is asked for.
    pub time_h: f32,
    /// The screen is drawn with the colours of a world of this kind instead of the current one's.
    pub look: Option<World>,
    /// Nothing but overlays is drawn behind what fills the screen.
    pub whole_screen: bool,
    /// Something is typed, though no text field says so: letters are no keys.
    pub typing: bool,
    /// True while this console may give no command: it was to be in another world and has not come there.
    pub locked: bool,
    /// Open panels that have the keys alone; the one opened last has them ([`super::KeyOwners`]).
    pub owners: Vec<KeyOwner>,
}

impl Claims {
    /// A panel has the keys alone while it is open.
    pub fn own_keys(&mut self, owner: KeyOwner, open: bool) {
        if open {
            self.owners.push(owner);
        }
    }
}

/// Rectangles of the screen that cover the map, logical pixels. Panels add to it while they are drawn.
#[derive(Resource, Clone, Debug, Default)]
pub struct Covered(pub Vec<Rect>);

/// What somebody has opened over everything else: a question, a list, a drawer, a notice; but for the areas of these
/// names. Logical pixels.
pub fn opened(ctx: &Context, but: &[&str]) -> Vec<Rect> {
    let but: Vec<Id> = but.iter().map(Id::new).collect();
    ctx.memory(|m| {
        let layers = m.areas().visible_layer_ids().into_iter();
        let opened = layers.filter(|l| l.order == Order::Foreground && !but.contains(&l.id));
        opened.filter_map(|l| m.area_rect(l.id)).collect()
    })
}

/// From what lies over the map to the next thing below it, logical pixels.
const GAP: f32 = 8.0;

impl Covered {
    /// A place in the middle of the map's window, from `y` down, that lies on nothing that is drawn so far; on what is
    /// there only where there is no room below it.
    pub fn place_below(&self, window: Rect, y: f32, size: Vec2) -> Rect {
        let at = |y: f32| Rect::from_min_size(pos2(window.center().x - size.x / 2.0, y), size);
        let mut rect = at(y);
        while let Some(under) = self.0.iter().find(|r| r.intersects(rect.shrink(0.5))) {
            if under.max.y + GAP + size.y > window.max.y {
                return at(y);
            }
            rect = at(under.max.y + GAP);
        }
        rect
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_comes_later_lies_below_what_is_there_while_there_is_room() {
        let rect = |x0, y0, x1, y1| Rect::from_min_max(pos2(x0, y0), pos2(x1, y1));
        let window = rect(400.0, 60.0, 1_200.0, 600.0);
        let size = bevy_egui::egui::vec2(300.0, 100.0);
        let top = |covered: &[Rect]| {
            Covered(covered.to_vec())
                .place_below(window, 200.0, size)
                .min
                .y
        };
        assert_eq!(top(&[]), 200.0);
        // Beside it, and over it.
        assert_eq!(top(&[rect(0.0, 0.0, 600.0, 900.0)]), 200.0);
        let plate = rect(500.0, 180.0, 900.0, 260.0);
        let card = rect(500.0, 300.0, 900.0, 400.0);
        assert_eq!(top(&[plate]), 268.0);
        assert_eq!(top(&[card, plate]), 408.0);
        assert_eq!(top(&[plate, rect(500.0, 300.0, 900.0, 590.0)]), 200.0);
    }
}
