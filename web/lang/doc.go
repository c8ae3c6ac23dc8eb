// Package lang knows the six languages of the product and the texts in them.
//
// The texts are files, texts/LANGUAGE/PACKAGE.yaml, one for each package that
// shows something; keys are package.page.item. A text is a whole sentence in
// plain words, without HTML. It may have named holes, {name}, and it may depend
// on a number:
//
//	pin.enter.title: Enter the PIN
//	pin.enter.sent: We sent it to the phone that ends in {last}.
//	pin.enter.left:
//	  one: You have {n} try left.
//	  other: You have {n} tries left.
//
// Texts are cut into pieces when they are loaded, so that a look-up costs a map
// access and, with holes, one concatenation.
package lang
