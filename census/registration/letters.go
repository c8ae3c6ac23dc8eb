package registration

import (
	"context"
	"errors"

	"clave/census/invitation"
)

// The answers to StepChoice.
const (
	ChoiceHave = "have" // I already have an invitation letter
	ChoiceSend = "send" // send it to my tax address
)

// HaveLetter says that the citizen holds a letter.
func (s *Procedures) HaveLetter(ctx context.Context, h Handle) error {
	_, err := s.answer(ctx, h, StepChoice, map[Field]string{FieldChoice: ChoiceHave}, func(_ context.Context, r *Running) (*Denied, error) {
		r.add(HasLetter)
		return nil, nil
	})
	return err
}

// RequestLetter sends a letter to the address in the reference data. Denied:
// NotEligible, NoAddress, LetterTooSoon, LettersSpent.
func (s *Procedures) RequestLetter(ctx context.Context, h Handle, language string) error {
	_, err := s.answer(ctx, h, StepChoice, map[Field]string{FieldChoice: ChoiceSend}, func(ctx context.Context, r *Running) (*Denied, error) {
		if denied, err := refused(s.Invitations.Request(ctx, r.Document(), language)); denied != nil || err != nil {
			return denied, err
		}
		r.add(Requested)
		return nil, nil
	})
	return err
}

// TryInvitation looks at an invitation code without using it up, and gives the
// procedure another handle when it is good: nobody who holds no letter makes us send
// messages. Denied: WrongInvitation, OldInvitation, InvitationLocked, NotEligible.
func (s *Procedures) TryInvitation(ctx context.Context, h Handle, typed string) (Handle, error) {
	return s.answer(ctx, h, StepCode, map[Field]string{FieldInvitation: typed}, func(ctx context.Context, r *Running) (*Denied, error) {
		if denied, err := refused(s.Invitations.Check(ctx, r.Document(), typed)); denied != nil || err != nil {
			return denied, err
		}
		r.renew()
		return nil, nil
	})
}

// refused translates what the letters answer.
func refused(err error) (*Denied, error) {
	var no *invitation.Refused
	if !errors.As(err, &no) {
		return nil, err
	}
	denied := &Denied{Until: no.Until, Left: no.Left, State: no.State}
	switch no.Cause {
	case invitation.NotEligible:
		denied.Cause = NotEligible
	case invitation.NoAddress:
		denied.Cause = NoAddress
	case invitation.TooSoon:
		denied.Cause = LetterTooSoon
	case invitation.TooMany:
		denied.Cause = LettersSpent
	case invitation.WrongCode:
		denied.Cause = WrongInvitation
	case invitation.OldCode:
		denied.Cause = OldInvitation
	case invitation.TooManyTries:
		denied.Cause = InvitationLocked
	}
	if denied.Left == 0 && (denied.Cause == WrongInvitation || denied.Cause == OldInvitation) {
		denied.Cause = InvitationLocked // the last try locks; the page says so at once
	}
	return denied, nil
}
