// Where the visit is made, if the inspector lets the phone say so.

const PATIENCE_MS = 20_000;

// The position as the API takes it; rejects with "denied" or "failed".
export function position() {
  return new Promise((resolve, reject) => {
    if (!navigator.geolocation || !isSecureContext) {
      reject(new Error("failed"));
      return;
    }
    navigator.geolocation.getCurrentPosition(
      ({ coords }) => resolve({ lon: coords.longitude, lat: coords.latitude, accuracy_m: Math.max(1, Math.round(coords.accuracy)), datum: "wgs84" }),
      (error) => reject(new Error(error.code === error.PERMISSION_DENIED ? "denied" : "failed")),
      { enableHighAccuracy: true, timeout: PATIENCE_MS, maximumAge: 0 },
    );
  });
}
