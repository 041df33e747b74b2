export class Dialog {}
