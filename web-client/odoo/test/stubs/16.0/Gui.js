export const Gui = {
  /** Set by the test that opens a page. */
  showPopup: async () => ({ confirmed: false }),
};
