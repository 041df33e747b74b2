export default { buttons: [], addControlButton: (button) => {} };
