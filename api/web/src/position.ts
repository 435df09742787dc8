/** Where the reader is, asked of the device once; it is drawn on the map and goes nowhere else. */

const PATIENCE_MS = 15_000;
const FRESH_MS = 60_000;

/** Return where the device is, or null where it does not say. */
export function getPosition(): Promise<GeolocationCoordinates | null> {
  return new Promise((answer) => {
    const options = { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: FRESH_MS };
    navigator.geolocation.getCurrentPosition(({ coords }) => answer(coords), () => answer(null), options);
  });
}
