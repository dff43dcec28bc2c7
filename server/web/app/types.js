// @ts-check
/**
 * What travels between this app and the server, in one place.
 * Types only: the server's own schemas are the reference, and this file ships no code.
 *
 * @typedef {object} SessionOut
 * @property {string} access_token  kept in memory only
 * @property {string} token_type
 * @property {number} expires_in  seconds
 * @property {string} account_id
 * @property {boolean} policy_accepted
 * @property {{text: string}} place  what was recorded for this use
 *
 * @typedef {object} AccountOut
 * @property {string} id
 * @property {string | null} name
 * @property {string | null} email
 * @property {string | null} area  ISO 3166-1 alpha-2
 * @property {string | null} avatar_url
 * @property {string} created_at
 *
 * @typedef {object} SignInOut
 * @property {string} id
 * @property {string} device
 * @property {boolean} remembered  it outlives the browser's end
 * @property {string} since
 * @property {string} last_used_at
 * @property {boolean} is_this  the one that asks
 *
 * @typedef {object} PolicyOut
 * @property {string} version
 * @property {string} in_force_since
 * @property {string} sha256
 * @property {string} language
 * @property {string} html  our own server's text; the one markup this app inserts as it is
 * @property {{department: string, email: string, postal_address: string}} contact
 * @property {string[]} rights
 * @property {string | null} offered  a newer version with fewer rights, to accept or to leave
 * @property {{text: string, narrows: boolean}[]} changes  what weighs in it, since the reader's own
 *
 * @typedef {object} WarrantyOut
 * @property {"active" | "expired" | "not_activated"} state
 * @property {string | null} starts_on
 * @property {string | null} ends_on
 * @property {string | null} region
 * @property {string | null} model
 * @property {string | null} activated_at
 *
 * @typedef {object} CameraOut
 * @property {string} id
 * @property {string} name
 * @property {string} model
 * @property {string} serial
 * @property {boolean} online
 * @property {string} paired_at
 * @property {WarrantyOut | null} warranty
 * @property {string | null} town
 *
 * @typedef {object} PurposeOut
 * @property {string} code
 * @property {string} title
 * @property {string} text
 * @property {string} sha256  of title, an empty line and text
 * @property {"contract" | "consent" | "law"} basis
 * @property {boolean} has_switch
 * @property {boolean} on
 * @property {boolean} off_for_this_visit  by the browser's privacy signal
 * @property {boolean} paused  until a request is answered
 * @property {string[]} data
 *
 * @typedef {object} ChoiceOut
 * @property {string} id  of its receipt too
 * @property {number} number
 * @property {string} purpose
 * @property {"given" | "withdrawn"} state
 * @property {string} policy_version
 * @property {string} text_sha256
 * @property {string} at
 *
 * @typedef {object} PlaceSourceOut  who is asked where somebody is
 * @property {string} source
 * @property {string[]} sources  that can be chosen
 *
 * @typedef {object} HeldUse  values of a category in one table, for one purpose and term
 * @property {string} purpose
 * @property {string} term
 * @property {string} table
 * @property {string} about
 * @property {number} count  of all values
 * @property {Record<string, unknown>[]} values  the newest records
 * @property {string[]} came_by  how they came, of those that people gave us
 *
 * @typedef {object} HeldCategory
 * @property {string} category
 * @property {HeldUse[]} uses
 * @property {boolean} deletable  by itself, while the account goes on
 * @property {string | null} kept_because  why it isn't deletable
 *
 * @typedef {object} HeldOut
 * @property {HeldCategory[]} categories
 * @property {string[]} recipients  outside
 *
 * @typedef {object} FieldOut  something about the person that they can correct
 * @property {string} field
 * @property {string | null} row  null for the account's own, else one of several alike
 * @property {string} category
 * @property {string} label
 * @property {string | null} value
 * @property {"text" | "date" | "choice"} kind
 * @property {string[] | null} choices
 * @property {number | null} max_length
 * @property {boolean} required
 *
 * @typedef {{field: string, row: string | null, value: string | null}} CorrectionIn
 *
 * @typedef {object} DeletionOut
 * @property {string} category
 * @property {number} deleted
 * @property {{category: string, why: string, until: string | null}[]} kept
 *
 * @typedef {object} TermsOut  of cancelling the account
 * @property {boolean} needs_password
 * @property {string} starts_at
 * @property {string} due_on
 *
 * @typedef {object} ErasureOut
 * @property {string} id
 * @property {"waiting" | "running" | "done"} state
 * @property {string} asked_at
 * @property {string} starts_at
 * @property {string} due_on
 * @property {string | null} [held_until]
 * @property {string | null} finished_at
 * @property {string | null} certificate  a compact JWS
 *
 * @typedef {object} CertificateMembers
 * @property {string} account_id
 * @property {string} asked_at
 * @property {string} ended_at
 * @property {string} finished_at
 * @property {boolean} key_destroyed
 * @property {{category: string, table: string, count: number}[]} destroyed
 * @property {{category: string, table: string, count: number, ground: string, until: string | null}[]} kept
 *
 * @typedef {object} PairingOut
 * @property {string} id
 * @property {string} token
 * @property {string} expires_at
 * @property {string} server  the address that the camera must talk to
 *
 * @typedef {{kty: string, crv: string, x: string, y: string}} PublicJwk
 *
 * @typedef {object} PairingStateOut
 * @property {string} id
 * @property {"waiting" | "paired" | "expired"} state
 * @property {null | {id: string, key: PublicJwk, proof: string}} camera
 *
 * @typedef {object} HistoryEvent
 * @property {string} id
 * @property {string} at
 * @property {string} kind
 * @property {string} text
 * @property {string | null} place
 * @property {string | null} network
 * @property {string | null} device
 *
 * @typedef {object} LookupOut
 * @property {string} model
 * @property {string} region
 * @property {WarrantyOut} warranty
 * @property {string} looked_at
 *
 * @typedef {object} RequestIn
 * @property {string} kind
 * @property {string} region  ISO 3166-1 alpha-2
 * @property {string} message
 * @property {{kind: string, value: string}} [contact]  needed without an account
 * @property {string} [on_behalf_of]
 * @property {string} [ground]  of a deletion
 *
 * @typedef {object} FollowOut
 * @property {string} number  such as PR-7K4Q-92MF
 * @property {string} token  the request's own; told once
 * @property {string} due_on
 *
 * @typedef {object} TakenOut
 * @property {string} request_id
 * @property {string | null} prove_until
 * @property {FollowOut | null} followed  null while the address is to be proven
 *
 * @typedef {object} RemediesOut
 * @property {string} review
 * @property {string} authority
 * @property {string} court
 *
 * @typedef {object} CaseOut
 * @property {string} number
 * @property {string} kind
 * @property {string | null} ground  why something is to be deleted
 * @property {string} state
 * @property {string} message
 * @property {string} received_on
 * @property {string} due_on
 * @property {string | null} closed_at
 * @property {null | {reply: string, reason: string | null, remedies: RemediesOut | null,
 *   cause: string | null, resolution: string | null}} answer
 * @property {string[]} opened  when our staff looked into it
 * @property {ActOut[]} done  what was done upon it
 * @property {string | null} copy_until  a copy can be fetched until then
 *
 * @typedef {object} DueOut  an open request in the staff's list
 * @property {string} number
 * @property {string} kind
 * @property {string} state
 * @property {string} due_on
 * @property {"later" | "soon" | "urgent" | "overdue"} stage
 *
 * @typedef {object} OpenedOut  a request as the one of the staff sees it who has opened it
 * @property {string} number
 * @property {string} kind
 * @property {string | null} ground  why something is to be deleted
 * @property {string} on_behalf_of
 * @property {string} channel
 * @property {string} region
 * @property {string} state
 * @property {string} received_on
 * @property {string} due_on
 * @property {boolean} proven
 * @property {{kind: string, value: string | null}} contact
 * @property {string} message
 * @property {RemediesOut} remedies  what a refusal to this region names
 * @property {ActOut[]} done  what was done upon it
 * @property {string} opened_until
 *
 * @typedef {object} DataFinding  what is held for a purpose, and what allows it
 * @property {string} title
 * @property {Record<string, number>} values  by category
 * @property {string | null} basis  null: nothing allows it
 * @property {{receipt_id: string, at: string} | null} consent
 *
 * @typedef {object} UseFinding  a use on record
 * @property {string} what
 * @property {string} purpose
 * @property {string} at
 * @property {string | null} version  of the policy that was accepted then
 * @property {string | null} beyond  in what it went beyond it
 *
 * @typedef {object} Findings  what bears on a request on a ground
 * @property {DataFinding[]} data
 * @property {UseFinding[]} uses
 * @property {string[]} recipients
 * @property {null | {outcome: string, reply: string, reason: string | null,
 *   remedies: RemediesOut | null}} proposed
 *
 * @typedef {object} ActOut  something that was done upon a request
 * @property {string} act
 * @property {string} at
 *
 * @typedef {object} AnswerIn
 * @property {string} outcome
 * @property {string} reply
 * @property {string} [reason]
 * @property {RemediesOut} [remedies]
 * @property {string} [cause]
 * @property {string} [resolution]
 *
 * @typedef {object} ProblemBody  RFC 9457, with our own members
 * @property {string} [title]
 * @property {string} [detail]
 * @property {string} [code]
 * @property {string} [field]
 * @property {string} [row]  that the field is in, where there are several alike
 * @property {string} [remedy]
 * @property {string} [request_id]
 * @property {{field: string, message: string}[]} [errors]
 */
export {};
