//! How large everything is drawn: pixels of the screen per logical pixel, and the size of text that people choose.

use bevy::prelude::*;
use bevy::window::PrimaryWindow;

/// The size of text, and of all that is drawn with it, as people choose it; 1 is the design's.
#[derive(Resource, Clone, Copy, Debug, PartialEq)]
pub struct TextSize(f32);

impl Default for TextSize {
    fn default() -> Self {
        Self(1.0)
    }
}

impl TextSize {
    /// Sizes that can be chosen by key.
    const STEPS: [f32; 9] = [0.8, 0.9, 1.0, 1.1, 1.25, 1.4, 1.6, 1.8, 2.0];

    /// A size within what can be read and finds room, 0.8 … 2; the usual one where it is no number.
    pub fn new(size: f32) -> Self {
        if size.is_finite() {
            Self(size.clamp(Self::STEPS[0], Self::STEPS[8]))
        } else {
            Self::default()
        }
    }

    /// The factor, 0.8 … 2.
    pub fn factor(self) -> f32 {
        self.0
    }

    /// The next larger size.
    #[must_use]
    pub fn larger(self) -> Self {
        let next = Self::STEPS.into_iter().find(|s| *s > self.0 + 0.01);
        Self(next.unwrap_or(Self::STEPS[8]))
    }

    /// The next smaller size.
    #[must_use]
    pub fn smaller(self) -> Self {
        let next = Self::STEPS.into_iter().rev().find(|s| *s < self.0 - 0.01);
        Self(next.unwrap_or(Self::STEPS[0]))
    }
}

/// What the command line and the kind of view say of the scale.
#[derive(Resource, Clone, Copy, Debug, Default)]
pub struct ScreenOptions {
    /// Physical pixels per logical pixel as asked for; the screen's own where not.
    pub scale: Option<f32>,
    /// A wall has sizes of its own for every screen.
    pub wall: bool,
}

/// The screen that the design is drawn for, and the smallest that its panels find room on, logical pixels.
const DESIGN: Vec2 = Vec2::new(1920.0, 1080.0);
const SMALLEST: Vec2 = Vec2::new(1280.0, 720.0);
/// From how many designs' sizes on a screen is taken for a fine one, whatever it says of itself.
const FINE: f32 = 1.75;

impl ScreenOptions {
    /// Physical pixels per logical pixel on a screen of this size, physical pixels, that says `own` of itself.
    pub fn scale_factor(self, size: Vec2, own: f32, text: TextSize) -> f32 {
        if self.wall {
            return self.scale.unwrap_or(own);
        }
        let designs = (size / DESIGN).min_element();
        let fine = if designs >= FINE {
            (designs * 4.0).floor() / 4.0
        } else {
            1.0
        };
        let usual = self.scale.unwrap_or(own.max(fine));
        // Larger text ends where panels would find no room; what was asked for stays.
        let most = (size / SMALLEST).min_element().max(usual);
        (usual * text.factor()).min(most)
    }
}

/// Scales the window.
pub struct ScreenPlugin;

impl Plugin for ScreenPlugin {
    fn build(&self, app: &mut App) {
        app.init_resource::<TextSize>()
            .init_resource::<ScreenOptions>()
            .add_systems(PreUpdate, scale_window);
    }
}

fn scale_window(
    options: Res<ScreenOptions>,
    text: Res<TextSize>,
    mut windows: Query<&mut Window, With<PrimaryWindow>>,
) {
    for mut window in &mut windows {
        let resolution = &window.resolution;
        let size = UVec2::new(resolution.physical_width(), resolution.physical_height());
        let own = resolution.base_scale_factor();
        let wanted = options.scale_factor(size.as_vec2(), own, *text);
        if (resolution.scale_factor() - wanted).abs() > 1e-3 {
            window.resolution.set_scale_factor_override(Some(wanted));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use bevy::window::WindowResolution;

    fn check(size: (f32, f32), own: f32, text: f32, expected: f32) {
        let found = ScreenOptions::default().scale_factor(size.into(), own, TextSize::new(text));
        assert!(
            (found - expected).abs() < 1e-4,
            "{size:?} {own} {text}: {found}"
        );
    }

    #[test]
    fn text_follows_the_pixels_of_a_fine_screen_unless_it_says_so_itself() {
        check((1920.0, 1080.0), 1.0, 1.0, 1.0);
        check((2560.0, 1440.0), 1.0, 1.0, 1.0);
        check((3840.0, 2160.0), 1.0, 1.0, 2.0);
        check((3840.0, 2160.0), 2.0, 1.0, 2.0);
        check((3840.0, 2160.0), 2.5, 1.0, 2.5);
        check((5120.0, 2880.0), 1.0, 1.0, 2.5);
        // Wide, and no finer than others.
        check((5120.0, 1440.0), 1.0, 1.0, 1.0);
        let asked = ScreenOptions {
            scale: Some(1.0),
            wall: false,
        };
        let size = Vec2::new(3840.0, 2160.0);
        assert_eq!(asked.scale_factor(size, 1.0, TextSize::default()), 1.0);
        let wall = ScreenOptions {
            scale: None,
            wall: true,
        };
        assert_eq!(wall.scale_factor(size, 1.0, TextSize::new(2.0)), 1.0);
    }

    #[test]
    fn text_grows_as_far_as_panels_find_room() {
        check((1920.0, 1080.0), 1.0, 1.25, 1.25);
        check((1920.0, 1080.0), 1.0, 2.0, 1.5);
        check((1280.0, 720.0), 1.0, 2.0, 1.0);
        check((3840.0, 2160.0), 1.0, 1.25, 2.5);
        check((1920.0, 1080.0), 1.0, 0.8, 0.8);
    }

    #[test]
    fn steps_lead_up_and_down_and_end() {
        let mut size = TextSize::default();
        for _ in 0..20 {
            size = size.larger();
        }
        assert_eq!(size.factor(), 2.0);
        for _ in 0..20 {
            size = size.smaller();
        }
        assert_eq!(size.factor(), 0.8);
        assert_eq!(TextSize::new(1.15).larger().factor(), 1.25);
        assert_eq!(TextSize::new(f32::NAN), TextSize::default());
    }

    #[test]
    fn a_window_follows_the_size_that_is_chosen() {
        let mut app = App::new();
        app.add_plugins(ScreenPlugin);
        let window = Window {
            resolution: WindowResolution::new(3840, 2160),
            ..Window::default()
        };
        let id = app.world_mut().spawn((window, PrimaryWindow)).id();
        let mut width = |text: f32| {
            app.insert_resource(TextSize::new(text));
            app.update();
            app.world().get::<Window>(id).map(Window::width)
        };
        assert_eq!(width(1.0), Some(1920.0));
        assert_eq!(width(1.25), Some(1536.0));
        assert_eq!(width(1.0), Some(1920.0));
    }
}
