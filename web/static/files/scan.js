// The scanner: it reads the QR of a login with the camera. Where the browser has no
// reader of its own, jsQR is loaded. Only addresses of Cl@ve itself are followed.
(() => {
  "use strict";
  const box = document.querySelector("[data-scan]");
  const video = box.querySelector("video");
  const start = box.querySelector("[data-start]");
  const widest = 640; // pixels: enough for a QR that fills a third of the picture
  const pause = 120; // milliseconds between two looks

  // target is where a QR leads: the path of a request here, or nothing.
  const target = (text) => {
    let address;
    try {
      address = new URL(text);
    } catch {
      return "";
    }
    return address.origin === location.origin && /^\/movil\/s\/[\w-]+$/.test(address.pathname) ? address.pathname : "";
  };

  const load = (source) =>
    new Promise((resolve, reject) => {
      const script = document.createElement("script");
      script.src = source;
      script.onload = resolve;
      script.onerror = () => reject(new Error("not loaded"));
      document.head.append(script);
    });

  // The readers give a function from the picture to a text, or "".
  const ofBrowser = async () => {
    if (!("BarcodeDetector" in window) || !(await BarcodeDetector.getSupportedFormats()).includes("qr_code")) return null;
    const detector = new BarcodeDetector({ formats: ["qr_code"] });
    const read = async () => ((await detector.detect(video))[0] || { rawValue: "" }).rawValue;
    try {
      await read(); // some browsers have one that never works
    } catch {
      return null;
    }
    return read;
  };
  const ofOurs = async () => {
    await load(box.dataset.scan);
    const canvas = document.createElement("canvas");
    const context = canvas.getContext("2d", { willReadFrequently: true });
    return async () => {
      const scale = Math.min(1, widest / video.videoWidth);
      canvas.width = Math.round(video.videoWidth * scale);
      canvas.height = Math.round(video.videoHeight * scale);
      context.drawImage(video, 0, 0, canvas.width, canvas.height);
      const picture = context.getImageData(0, 0, canvas.width, canvas.height);
      const found = jsQR(picture.data, picture.width, picture.height, { inversionAttempts: "dontInvert" });
      return found ? found.data : "";
    };
  };

  const wait = (time) => new Promise((resolve) => setTimeout(resolve, time));
  let stream = null;
  const stop = () => {
    if (stream) for (const track of stream.getTracks()) track.stop();
    stream = null;
    video.hidden = true;
    start.hidden = false;
  };

  const scan = async () => {
    claveApp.show(box, "");
    try {
      stream = await navigator.mediaDevices.getUserMedia({ video: { facingMode: "environment" } });
    } catch (error) {
      claveApp.tell(box, { cause: error.name === "NotAllowedError" ? "forbidden" : "no_camera" });
      return;
    }
    try {
      video.srcObject = stream;
      video.hidden = false;
      start.hidden = true;
      await video.play();
      const read = (await ofBrowser()) || (await ofOurs());
      claveApp.show(box, "looking");
      for (let other = ""; stream; await wait(pause)) {
        const text = video.videoWidth ? await read() : "";
        const path = text && target(text);
        if (path) {
          stop();
          location.assign(path);
          return;
        }
        if (text && text !== other) claveApp.show(box, "other");
        other = text || other;
      }
    } catch {
      stop();
      claveApp.tell(box, { cause: "no_camera" });
    }
  };
  if (!navigator.mediaDevices || !navigator.mediaDevices.getUserMedia) claveApp.tell(box, { cause: "no_camera" });
  else start.addEventListener("click", claveApp.busy(start, scan));
  window.addEventListener("pagehide", stop);
  document.addEventListener("visibilitychange", () => {
    if (document.hidden) stop();
  });
})();
