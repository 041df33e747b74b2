export default class PosComponent {}
