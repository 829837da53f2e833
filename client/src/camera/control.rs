use super::{Flight, MapCamera};
use bevy::ecs::system::SystemParam;
use bevy::input::mouse::{MouseScrollUnit, MouseWheel};
use bevy::math::{DVec2, Vec2};
use bevy::prelude::*;
use bevy::window::PrimaryWindow;
use bevy_egui::input::EguiWantsInput;

/// The part of the screen that no panel covers, logical pixels; flights centre there. Panels set it every frame.
#[derive(Resource, Clone, Copy, Debug, Default, PartialEq)]
pub struct MapWindow {
    /// The free rectangle; `None` is the whole screen.
    pub rect: Option<Rect>,
}

impl MapWindow {
    /// True once the rectangle is known and lies on the screen: in the first frames of a scaled display panels
    /// still measure in physical pixels.
    pub fn is_settled(&self, camera: &MapCamera) -> bool {
        self.rect
            .is_some_and(|r| r.max.cmple(camera.viewport + 1.0).all())
    }

    /// Middle of the free rectangle.
    pub fn centre(&self, camera: &MapCamera) -> Vec2 {
        self.rect.map_or(camera.viewport / 2.0, |r| r.center())
    }

    /// Size of the free rectangle.
    pub fn size(&self, camera: &MapCamera) -> Vec2 {
        self.rect.map_or(camera.viewport, |r| r.size())
    }
}

/// Whether plain keys steer the map; panels switch it off while a list has the keyboard.
#[derive(Resource, Clone, Copy, Debug)]
pub struct CameraKeys {
    /// Arrows, +, −, brackets and N move the map.
    pub enabled: bool,
    /// Half-life of a thrown map in seconds (`motion.inertia`).
    pub inertia_s: f64,
    /// Time a notch of the wheel takes to arrive in seconds (`motion.zoom_wheel`).
    pub wheel_s: f64,
}

impl Default for CameraKeys {
    fn default() -> Self {
        Self {
            enabled: true,
            inertia_s: 0.35,
            wheel_s: 0.12,
        }
    }
}

/// What the hand has left in motion.
#[derive(Resource, Debug, Default)]
pub struct Throw {
    grip: Option<Grip>,
    /// Screen velocity of the grip, logical pixels a second.
    velocity: Vec2,
    coasting: bool,
    /// Zoom still to come and where about.
    zoom_left: f64,
    zoom_pos: Vec2,
}

#[derive(Debug, Clone, Copy, PartialEq)]
enum Grip {
    /// The ground point held.
    Pan {
        ground: DVec2,
        last: Vec2,
    },
    Turn {
        last: Vec2,
    },
}

/// Slowest throw that coasts, logical pixels a second.
const THROW_MIN: f32 = 80.0;

pub(super) fn follow_viewport(
    windows: Query<&Window, With<PrimaryWindow>>,
    mut camera: ResMut<MapCamera>,
) {
    let Ok(window) = windows.single() else { return };
    let size = Vec2::new(window.width(), window.height());
    let scale = window.scale_factor();
    if size.min_element() >= 1.0 && (camera.viewport != size || camera.scale_factor != scale) {
        camera.viewport = size;
        camera.scale_factor = scale;
    }
}

/// What a hand does: pointer, buttons, wheel.
#[derive(SystemParam)]
pub(super) struct Hand<'w, 's> {
    windows: Query<'w, 's, &'static Window, With<PrimaryWindow>>,
    buttons: Res<'w, ButtonInput<MouseButton>>,
    keyboard: Res<'w, ButtonInput<KeyCode>>,
    wheel: MessageReader<'w, 's, MouseWheel>,
    egui: Res<'w, EguiWantsInput>,
}

pub(super) fn pointer(
    Hand {
        windows,
        buttons,
        keyboard,
        mut wheel,
        egui,
    }: Hand,
    time: Res<Time>,
    mut throw: ResMut<Throw>,
    mut flight: ResMut<Flight>,
    mut camera: ResMut<MapCamera>,
) {
    let turned = wheel
        .read()
        .map(|m| match m.unit {
            MouseScrollUnit::Line => f64::from(m.y) * 0.28,
            MouseScrollUnit::Pixel => f64::from(m.y) / 300.0,
        })
        .sum::<f64>();
    let Some(pos) = windows.single().ok().and_then(Window::cursor_position) else {
        throw.grip = None;
        return;
    };
    let over_panel = egui.wants_any_pointer_input();
    if turned != 0.0 && !over_panel {
        flight.stop();
        throw.coasting = false;
        throw.zoom_left += turned;
        throw.zoom_pos = pos;
    }
    let control = keyboard.any_pressed([KeyCode::ControlLeft, KeyCode::ControlRight]);
    let turn =
        buttons.pressed(MouseButton::Right) || (control && buttons.pressed(MouseButton::Left));
    let pan = buttons.any_pressed([MouseButton::Left, MouseButton::Middle]) && !turn;
    let begun =
        buttons.any_just_pressed([MouseButton::Left, MouseButton::Middle, MouseButton::Right]);
    // With Shift the left button draws a rectangle over the map.
    let draws = keyboard.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight])
        && buttons.just_pressed(MouseButton::Left);
    if begun && !over_panel {
        flight.stop();
        throw.coasting = false;
        throw.velocity = Vec2::ZERO;
        throw.grip = if draws {
            None
        } else if turn {
            Some(Grip::Turn { last: pos })
        } else {
            camera
                .mercator_from_screen(pos)
                .map(|ground| Grip::Pan { ground, last: pos })
        };
    }
    match throw.grip {
        Some(Grip::Pan { ground, last }) if pan => {
            if pos != last {
                camera.pin(ground, pos);
                camera.limit();
            }
            let dt = time.delta_secs().max(1e-3);
            throw.velocity = throw.velocity.lerp((pos - last) / dt, 0.5);
            throw.grip = Some(Grip::Pan { ground, last: pos });
        }
        Some(Grip::Turn { last }) if turn => {
            let moved = (pos - last).as_dvec2();
            if moved != DVec2::ZERO {
                let middle = camera.viewport / 2.0;
                let fixed = camera.mercator_from_screen(middle);
                camera.bearing_deg += moved.x * 0.35;
                camera.pitch_deg -= moved.y * 0.3;
                camera.limit();
                if let Some(fixed) = fixed {
                    camera.pin(fixed, middle);
                }
            }
            throw.grip = Some(Grip::Turn { last: pos });
        }
        Some(Grip::Pan { .. }) => {
            throw.coasting = throw.velocity.length() > THROW_MIN;
            throw.grip = None;
        }
        Some(Grip::Turn { .. }) => throw.grip = None,
        None => {}
    }
}

pub(super) fn keys(
    keyboard: Res<ButtonInput<KeyCode>>,
    settings: Res<CameraKeys>,
    egui: Res<EguiWantsInput>,
    window: Res<MapWindow>,
    time: Res<Time>,
    mut throw: ResMut<Throw>,
    mut flight: ResMut<Flight>,
    mut camera: ResMut<MapCamera>,
) {
    let modified = keyboard.any_pressed([
        KeyCode::ControlLeft,
        KeyCode::ControlRight,
        KeyCode::AltLeft,
        KeyCode::AltRight,
        KeyCode::SuperLeft,
    ]);
    if !settings.enabled || modified || egui.wants_any_keyboard_input() {
        return;
    }
    let axis = |plus: &[KeyCode], minus: &[KeyCode]| {
        f64::from(u8::from(keyboard.any_pressed(plus.iter().copied())))
            - f64::from(u8::from(keyboard.any_pressed(minus.iter().copied())))
    };
    let dt = time.delta_secs_f64().min(0.1);
    let shift = keyboard.any_pressed([KeyCode::ShiftLeft, KeyCode::ShiftRight]);
    let x = axis(&[KeyCode::ArrowRight], &[KeyCode::ArrowLeft]);
    let y = axis(&[KeyCode::ArrowDown], &[KeyCode::ArrowUp]);
    let zoom = axis(
        &[KeyCode::Equal, KeyCode::NumpadAdd],
        &[KeyCode::Minus, KeyCode::NumpadSubtract],
    );
    let tilt =
        axis(&[KeyCode::BracketRight], &[KeyCode::BracketLeft]) + if shift { -y } else { 0.0 };
    let turn = if shift { x } else { 0.0 };
    let middle = window.centre(&camera);
    if keyboard.just_pressed(KeyCode::KeyN) {
        let pitch_deg = camera.pitch_deg;
        flight.turn_to(&camera, &window, pitch_deg, 0.0);
    }
    if !shift && (x != 0.0 || y != 0.0) {
        flight.stop();
        throw.coasting = false;
        let step = DVec2::new(x, y) * 600.0 * dt;
        let at = camera.viewport / 2.0 + step.as_vec2();
        if let (Some(to), Some(from)) = (
            camera.ground_from_screen(at),
            camera.ground_from_screen(camera.viewport / 2.0),
        ) {
            let world_px = camera.world_px();
            camera.centre += (to - from) / world_px;
            camera.limit();
        }
    }
    if zoom != 0.0 {
        flight.stop();
        camera.zoom_about(zoom * 1.6 * dt, middle);
    }
    if tilt != 0.0 || turn != 0.0 {
        flight.stop();
        let fixed = camera.mercator_from_screen(middle);
        camera.pitch_deg += tilt * 60.0 * dt;
        camera.bearing_deg += turn * 90.0 * dt;
        camera.limit();
        if let Some(fixed) = fixed {
            camera.pin(fixed, middle);
        }
    }
}

pub(super) fn advance(
    time: Res<Time>,
    settings: Res<CameraKeys>,
    mut throw: ResMut<Throw>,
    mut flight: ResMut<Flight>,
    mut camera: ResMut<MapCamera>,
) {
    let dt = time.delta_secs_f64().min(0.1);
    if flight.is_flying() {
        flight.advance(&mut camera, dt);
    }
    if throw.zoom_left != 0.0 {
        let share = 1.0 - (-dt * 3.0 / settings.wheel_s.max(1e-3)).exp();
        let step = if throw.zoom_left.abs() < 2e-3 {
            throw.zoom_left
        } else {
            throw.zoom_left * share
        };
        throw.zoom_left -= step;
        let pos = throw.zoom_pos;
        camera.zoom_about(step, pos);
    }
    if throw.coasting {
        let middle = camera.viewport / 2.0;
        if let Some(ground) = camera.mercator_from_screen(middle) {
            camera.pin(ground, middle + throw.velocity * dt as f32);
            camera.limit();
        }
        throw.velocity *=
            (-dt * std::f64::consts::LN_2 / settings.inertia_s.max(1e-3)).exp() as f32;
        throw.coasting = throw.velocity.length() > 8.0;
    }
}
