export class AlertDialog {}
