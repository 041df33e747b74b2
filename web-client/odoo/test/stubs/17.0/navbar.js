export class Navbar {}
