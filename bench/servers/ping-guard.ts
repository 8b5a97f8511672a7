/** What a ping passes in Nest's peers: a guard that looks at a permission, and a DTO, as class-validator checks it. */
import { type CanActivate, type ExecutionContext, Injectable, UsePipes, ValidationPipe } from '@nestjs/common';
import { IsInt, IsString, MaxLength } from 'class-validator';

const PERMISSIONS = new Set(['read:message', 'send:message', 'ping']);

@Injectable()
export class PingGuard implements CanActivate {
  canActivate(context: ExecutionContext) {
    return PERMISSIONS.has(context.switchToWs().getPattern());
  }
}

export class PingDto {
  @IsInt() t!: number;
  @IsInt() k!: number;
  @IsInt() n!: number;
  @IsString() @MaxLength(1000) p!: string;
}

export const ValidatePing = () => UsePipes(new ValidationPipe({ transform: true }));
